import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Observable, tap } from 'rxjs';
import type { Condition } from '../database/condition.js';
import { Failure } from '../errors/failure.js';
import { includesTag } from '../oci/precondition.js';

/** What changes by being used and not by anybody's decision; a client's view of a resource is not stale for it. */
const volatile = new Set(['lastSignInAt', 'lastUsedAt', 'lastUsedAddress', 'pushedAt', 'memberCount']);

/** The state of a resource as it is presented, for `ETag` and `If-Match` (RFC 9110 §8.8.3). */
export function entityTag(presented: object): string {
  const state = JSON.stringify(presented, (key, value) => (volatile.has(key) ? undefined : value));
  return `"${createHash('sha256').update(state).digest('base64url').slice(0, 22)}"`;
}

export class SendEntityTag implements NestInterceptor<object> {
  constructor(private readonly tagOf: (presented: object) => string) {}

  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<object> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(tap((presented) => response.setHeader('ETag', this.tagOf(presented))));
  }
}

/** The route answers with a resource as it is now, and with its ETag. */
export const Tagged = (tagOf: (presented: never) => string = entityTag): MethodDecorator =>
  applyDecorators(UseInterceptors(new SendEntityTag(tagOf as (presented: object) => string))); // of what the handler answers

/**
 * What `If-Match` demands of a resource, to be asked in the transaction that changes it; undefined where it demands nothing.
 * Throws PRECONDITION_FAILED when the client has seen another state of it.
 */
export function ifMatch<T>(
  { headers }: Pick<Request, 'headers'>,
  present: (now: T) => object,
): Condition<T> | undefined {
  const seen = headers['if-match'];
  if (seen === undefined) return undefined;
  return (now) => {
    if (!includesTag(seen, entityTag(present(now)))) throw new Failure('PRECONDITION_FAILED');
  };
}
