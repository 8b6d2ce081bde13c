import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { classToPlain, plainToInstance } from 'class-transformer';
import { type ValidationError, validate } from 'class-validator';
import { Failure, type FieldProblem } from '../../errors/failure.js';

/** Members, objects and lists of a body or a query: the largest that is right has 204. Each takes the validator some 20 µs. */
const most = 500;

/** Checks every body and query against its class. What the class does not name is refused, so nothing can be smuggled in. */
export function validationPipe(): ValidationPipe {
  return new BodiesAreObjects({
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    validatorPackage: { validate },
    transformerPackage: { classToPlain, plainToInstance },
    exceptionFactory: (errors: ValidationError[]) =>
      new Failure('VALIDATION_FAILED', { detail: errors.flatMap((error) => fieldProblems(error)) }),
  });
}

/** A request without a body is one with an empty object, so that it is checked and handlers always have one. */
class BodiesAreObjects extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    refuseVast(value);
    refuseInherited(value);
    return await super.transform(metadata.type === 'body' && value === undefined ? {} : value, metadata);
  }
}

/** Before anything is made of it, or said about each of its members. What stands in lists of words is theirs to limit. */
function refuseVast(value: unknown): void {
  const containers: object[] = isContainer(value) ? [value] : [];
  let count = 0;
  for (const container of containers) {
    const values: unknown[] = Object.values(container);
    count += Array.isArray(container) ? 1 : 1 + values.length;
    if (count > most) throw new Failure('VALIDATION_FAILED', { message: `there are more than ${most} members in it` });
    for (const inner of values) if (isContainer(inner)) containers.push(inner);
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** No class names a member that every object has anyway, and the validator takes `constructor` and the like for known ones. */
function refuseInherited(value: unknown): void {
  if (!isContainer(value)) return;
  const inherited = Object.keys(value).filter((name) => name in Object.prototype);
  if (inherited.length === 0) return;
  const detail = inherited.map((name) => ({ pointer: `/${name}`, message: `property ${name} should not exist` }));
  throw new Failure('VALIDATION_FAILED', { detail });
}

function fieldProblems({ property, constraints, children }: ValidationError, parent = ''): FieldProblem[] {
  const pointer = `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.values(constraints ?? {}).map((message) => ({ pointer, message }));
  return [...own, ...(children ?? []).flatMap((child) => fieldProblems(child, pointer))];
}
