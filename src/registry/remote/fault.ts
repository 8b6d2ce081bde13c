import { errorCode } from '../../errors/error-code.js';
import { Failure, isFailure } from '../../errors/failure.js';

/** Whether there is sense in asking once more: never, after a pause, at once (the fault was of a kept connection), or when the registry said. */
export type Again = 'never' | 'later' | 'at-once' | 'when-told';

/** How one try ended, and whether there is another. What leaves this folder is its failure. */
export class Fault extends Error {
  constructor(
    readonly failure: Failure,
    readonly again: Again,
    /** Milliseconds that the registry wants to have passed. */
    readonly afterMs = 0,
  ) {
    super(failure.message, { cause: failure });
  }
}

/** What went wrong before the registry had anything to do with it, as its cause. */
export class OfSource extends Error {
  constructor(cause: unknown) {
    super('the source failed', { cause });
  }
}

/** Nothing moved for as long as it may. */
export class Stalled extends Error {
  constructor() {
    super('nothing came for too long');
  }
}

const unresolved = new Set(['ENOTFOUND', 'EAI_FAIL', 'EAI_NODATA']);
const passing = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED'],
  ...['ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED', 'EHOSTDOWN', 'ENETDOWN'],
]);
const statusesToRepeat = new Set([408, 425, 429, 499, 500, 502, 503, 504, 522]);

/** What a connection that failed says. Causes keep what the system said; messages name the host and no path, which may carry a secret. */
export function faultOf(error: unknown, host: string): Fault {
  if (error instanceof Fault) return error;
  if (isFailure(error)) return new Fault(error, 'never');
  if (error instanceof Stalled) return fault('REMOTE_TIMEOUT', host, error.message, 'later', error);
  const code = errorCode(error) ?? '';
  if (passing.has(code)) return fault('REMOTE_UNREACHABLE', host, code, 'later', error);
  if (unresolved.has(code)) return fault('REMOTE_UNREACHABLE', host, 'no such host', 'never', error);
  if (code.startsWith('HPE_')) return fault('REMOTE_INVALID', host, 'what came is no HTTP', 'never', error);
  if (isOfCertificate(code)) return fault('REMOTE_UNTRUSTED', host, code, 'never', error);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return fault('REMOTE_UNREACHABLE', host, 'TLS cannot be agreed on', 'never', error);
  return new Fault(new Failure('INTERNAL', { cause: error }), 'never');
}

/** What a status says that nobody expected; 404 and the like are the asker's to name. */
export function faultOfStatus(status: number, host: string, said: string, retryAfterMs: number | undefined): Fault {
  const what = said === '' ? `answered ${status}` : `answered ${status}, ${said}`;
  const again = statusesToRepeat.has(status) ? 'later' : 'never';
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    return new Fault(new Failure('REMOTE_BUSY', { message: `${host} ${what}` }), 'when-told', retryAfterMs);
  if (status === 401 || status === 403) return fault('REMOTE_DENIED', host, what, again);
  return fault(status >= 500 || again === 'later' ? 'REMOTE_FAILED' : 'REMOTE_REJECTED', host, what, again);
}

/** An answer that cannot be what was asked for. Asking once more gives the same. */
export function invalidAnswer(host: string, what: string): Failure {
  return new Failure('REMOTE_INVALID', { message: `${host}: ${what}` });
}

type RemoteCode = `REMOTE_${'UNREACHABLE' | 'UNTRUSTED' | 'DENIED' | 'REJECTED' | 'INVALID' | 'FAILED' | 'TIMEOUT'}`;

function fault(code: RemoteCode, host: string, what: string, again: Again, cause?: unknown): Fault {
  return new Fault(new Failure(code, { message: `${host}: ${what}`, cause }), again);
}

/** OpenSSL's reasons to reject a certificate, and Node's. */
function isOfCertificate(code: string): boolean {
  return /CERT|^UNABLE_TO_|SELF_SIGNED|_SIGNATURE|^ERR_TLS_/.test(code);
}
