import { constants } from 'node:fs';
import { errorCode } from '../errors/error-code.js';

/** How files below the data directory are opened: never through a link, and never waiting for somebody to write into a pipe. */
export const plainRead = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What opening with {@link plainRead} says of a link, of a socket, and of a path through a file. */
const notPlain = new Set(['ELOOP', 'ENXIO', 'ENOTDIR']);

/** Whether there is something else than a file (docs/adr/0017). */
export function isNoFile(error: unknown): boolean {
  return notPlain.has(errorCode(error) ?? '');
}
