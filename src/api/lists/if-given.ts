import { ValidateIf } from 'class-validator';

/** The value may be left out, but `null` is checked like every other value (class-validator's IsOptional lets it pass). */
export const IfGiven = (): PropertyDecorator => ValidateIf((_object, value: unknown) => value !== undefined);
