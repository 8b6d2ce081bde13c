import { HttpException } from '@nestjs/common';
import type { FailureCode } from '../errors/catalog.js';
import { Failure } from '../errors/failure.js';

const codes: Readonly<Record<number, FailureCode>> = {
  400: 'VALIDATION_FAILED',
  404: 'ROUTE_UNKNOWN',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * What the framework and the body parsers throw for a client's mistake, as a Failure of ours. Their own messages quote the
 * request and are not passed on. Everything else is returned as it is and means a fault of ours.
 */
export function asFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  const code = codes[statusOf(error) ?? 0];
  return code === undefined ? error : new Failure(code, { cause: error });
}

/** `HttpException` is Nest's; errors with `expose` and `status` are those of the body parsers (package http-errors). */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('expose' in error) || !('status' in error)) return undefined;
  return error.expose === true && typeof error.status === 'number' ? error.status : undefined;
}
