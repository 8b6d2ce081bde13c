import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, ValidateBy } from 'class-validator';
import { type Role, roles } from '../../access/principal.js';
import { maxPasswordLength } from '../../users/password-policy.js';
import { emailRule, isEmail } from '../../users/user.js';
import { IfGiven } from '../lists/if-given.js';

/** By the rule of the room; that of class-validator breaks off at half a character. */
const IsEmail = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isEmail(value),
      defaultMessage: () => emailRule,
    },
  });

/** What anybody may know of a person; null takes it away. */
class PersonBody {
  @IsOptional()
  @MaxLength(255)
  @IsString()
  readonly fullName?: string | null;

  @IsOptional()
  @IsEmail()
  readonly email?: string | null;
}

export class CreateUserBody extends PersonBody {
  @MaxLength(255)
  @IsString()
  readonly username!: string;

  /** Left out: one is generated, shown once in the answer, and has to be changed. */
  @IfGiven()
  @MaxLength(maxPasswordLength)
  @IsString()
  readonly password?: string;

  @IsIn(roles)
  readonly role!: Role;

  @IfGiven()
  @IsBoolean()
  readonly mustChangePassword?: boolean;
}

export class UpdateUserBody extends PersonBody {
  @IfGiven()
  @IsIn(roles)
  readonly role?: Role;

  @IfGiven()
  @IsBoolean()
  readonly enabled?: boolean;
}

export class PasswordResetBody {
  @MaxLength(maxPasswordLength)
  @IsString()
  readonly password!: string;
}
