import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../errors/error-code.js';

/** A file cannot be used. The message ends a sentence, as in `it is not a file`, and quotes nothing of the file. */
export class UnusableFile extends Error {}

export interface FileRules {
  /** Its content is secret: whoever is neither its owner nor of its group may neither read nor change it. */
  readonly secret?: boolean;
  /** It is Berth's own, below the data directory: no link is followed, and nobody else may change it. What an operator names may be a link. */
  readonly own?: boolean;
}

/** Bytes; no key, certificate, password or file of settings comes near. */
const longest = 1 << 20;

/**
 * The text of a small file, as every key, certificate, secret and file of settings is read: opened without waiting for anybody,
 * so that a pipe or a device is an error and never a hang. Synchronous; for the start and for what happens once in a while.
 * @throws UnusableFile, or the system's error, such as ENOENT
 */
export function readPlainFile(path: string, { secret = false, own = false }: FileRules = {}): string {
  const descriptor = openPlainFile(path, own);
  try {
    const { size, mode } = requireFile(descriptor);
    if (secret && (mode & 0o007) !== 0) throw new UnusableFile(`it can be read by other users; run "chmod 600" on it`);
    if (own && (mode & 0o002) !== 0) throw new UnusableFile(`it can be changed by other users; run "chmod o-w" on it`);
    if (size > longest) throw new UnusableFile(`it has ${size} bytes, and ${longest} are the most`);
    return readAtMost(descriptor, longest).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

function openPlainFile(path: string, own: boolean): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (own ? constants.O_NOFOLLOW : 0));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ELOOP') throw new UnusableFile('it is a link, which is not followed', { cause: error });
    if (code === 'ENXIO') throw new UnusableFile('it is not a file', { cause: error }); // a socket
    throw error;
  }
}

function requireFile(descriptor: number): { readonly size: number; readonly mode: number } {
  const found = fstatSync(descriptor);
  if (!found.isFile()) throw new UnusableFile('it is not a file');
  return found;
}

/** Also where the system does not tell the size before (/proc). */
function readAtMost(descriptor: number, most: number): Buffer {
  const bytes = Buffer.alloc(most + 1);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null);
    length += read;
    if (length > most) throw new UnusableFile(`it has more than ${most} bytes`);
    if (read === 0) return bytes.subarray(0, length);
  }
}
