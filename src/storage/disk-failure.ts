import { errorCode } from '../errors/error-code.js';
import { Failure } from '../errors/failure.js';

/** Error codes that say there is no room left; every other trouble with the disk is "unavailable". */
const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What the operating system's error means to a client: STORAGE_FULL or STORAGE_UNAVAILABLE. Failures pass unchanged. */
export function diskFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(full.has(errorCode(error) ?? '') ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE', { cause: error });
}

/** Awaits `work` and answers undefined when its file or directory does not exist. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw diskFailure(error);
  }
}
