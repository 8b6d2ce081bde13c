import { realpathSync } from 'node:fs';
import { isNoFile } from '../data-directory/plain-read.js';
import { errorCode } from '../errors/error-code.js';

/**
 * Where `path` leads without links; undefined where nothing is, or a link to nothing. One call of the system: Node's own looks at
 * every folder above by itself. Throws the system's other errors.
 */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || isNoFile(error)) return undefined;
    throw error;
  }
}
