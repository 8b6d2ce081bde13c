import { catalog } from './catalog.js';
import type { Failure } from './failure.js';

/** An answer ready to be written, whatever the framework. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What may be told about a failure. A fault of ours tells nothing but the catalogue's message: the log has the rest, under the request id. */
export function disclose(failure: Failure): { status: number; message: string; detail: unknown } {
  const { status, message } = catalog[failure.code];
  return status < 500
    ? { status, message: failure.message, detail: failure.detail }
    : { status, message, detail: undefined };
}
