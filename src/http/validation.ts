import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { classToPlain, plainToInstance } from 'class-transformer';
import { type ValidationError, validate } from 'class-validator';
import { Failure, type FieldProblem } from '../errors/failure.js';

/** Members and entries of a body or a query, at any depth: the largest that is right has 353. Each may take the validator 20 µs. */
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
    refuseStrange(value);
    return await super.transform(metadata.type === 'body' && value === undefined ? {} : value, metadata);
  }
}

/** A value that may have members, and where it stands in the whole (RFC 6901). */
interface Place {
  readonly pointer: string;
  readonly container: object;
}

/** Looks through all of it before anything is made of it, or said about each of its members. */
function refuseStrange(value: unknown): void {
  const places: Place[] = isContainer(value) ? [{ pointer: '', container: value }] : [];
  let count = 0;
  for (const place of places) {
    const { pointer, container } = place;
    const keys = Object.keys(container);
    count += keys.length;
    if (count > most) throw new Failure('VALIDATION_FAILED', { message: `there are more than ${most} values in it` });
    refuseInherited(place, keys);
    for (const [key, inner] of Object.entries(container))
      if (isContainer(inner)) places.push({ pointer: pointerTo(key, pointer), container: inner });
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * No class names a member that every object has anyway (`__proto__`, `constructor`, `toString`, …) or every class (`prototype`), and the
 * validator takes some for known ones, or drops them unseen (T21).
 */
function refuseInherited({ pointer }: Place, names: readonly string[]): void {
  const inherited = names.filter((name) => name in Object.prototype || name === 'prototype');
  if (inherited.length === 0) return;
  const detail = inherited.map((name) => ({
    pointer: pointerTo(name, pointer),
    message: `property ${name} should not exist`,
  }));
  throw new Failure('VALIDATION_FAILED', { detail });
}

function pointerTo(name: string, parent: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function fieldProblems({ property, constraints, children }: ValidationError, parent = ''): FieldProblem[] {
  const pointer = pointerTo(property, parent);
  const own = Object.values(constraints ?? {}).map((message) => ({ pointer, message }));
  return [...own, ...(children ?? []).flatMap((child) => fieldProblems(child, pointer))];
}
