import { catalog, type FailureCode } from './catalog.js';

export interface FailureOptions {
  /** What exactly is wrong, in English; without it the catalogue's message. Shown to the client unless the fault is ours. */
  readonly message?: string;
  /** Machine-readable facts for the client, such as `{ digest }`; an array of {@link FieldProblem} becomes the problem's `errors`. */
  readonly detail?: unknown;
  readonly cause?: unknown;
  /** Sent with the answer, such as Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One wrong member of a request body; the pointer is a JSON pointer (RFC 6901). */
export interface FieldProblem {
  readonly pointer: string;
  readonly message: string;
}

/** Everything that goes wrong on purpose. Carries a code of the catalogue; only the renderers know what status that is. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: FailureCode,
    options: FailureOptions = {},
  ) {
    super(options.message ?? catalog[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}

/** The same failure with the methods that are allowed instead, unless it names them itself. */
export function withAllow(failure: Failure, methods: readonly string[]): Failure {
  if (failure.headers.Allow !== undefined) return failure;
  const { code, message, detail, cause, headers } = failure;
  return new Failure(code, { message, detail, cause, headers: { ...headers, Allow: methods.join(', ') } });
}

/** True for a {@link Failure}, of this code when one is given. */
export function isFailure(error: unknown, code?: FailureCode): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}

/** The failure itself; anything else that was thrown is our fault. */
export function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('INTERNAL', { cause: error });
}
