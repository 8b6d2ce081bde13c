import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { isNoFile, plainRead } from '../data-directory/plain-read.js';
import { errorCode } from '../errors/error-code.js';
import { type Digest, digestAlgorithm, digestHex } from '../oci/digest.js';

/** Bytes read at a time. */
const blockSize = 1 << 20;

/**
 * Whether a blob file was set aside: its owner may not read it. The mark is the file's own, so bytes pushed again never carry it. The
 * group may get rights meanwhile, as Kubernetes gives them to everything in a volume at each start.
 */
export function isSetAside({ mode }: { readonly mode: number }): boolean {
  return (mode & 0o400) === 0;
}

export interface CheckOptions {
  /** Takes the permission to read away from a file with wrong bytes, so that they are never served. */
  readonly setAside?: boolean;
  /** Called after every block with its bytes; what it waits for slows the check down. */
  readonly pace?: (bytes: number) => Promise<void> | void;
}

export interface CheckedBlob {
  readonly condition: 'sound' | 'damaged' | 'missing';
  /** Bytes that could be read; of a file set aside before, its size. */
  readonly size: number;
}

/**
 * Reads a file from its beginning to its end and holds it against its digest; what the disk cannot give back is damaged too.
 * Rejects with the system's error when it cannot be opened or set aside.
 */
export async function checkBlobFile(
  path: string,
  digest: Digest,
  { setAside = false, pace }: CheckOptions = {},
): Promise<CheckedBlob> {
  let file: FileHandle;
  try {
    file = await open(path, plainRead);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { condition: 'missing', size: 0 };
    if (errorCode(error) === 'EACCES' || isNoFile(error)) return { condition: 'damaged', size: 0 };
    throw error;
  }
  try {
    const before = await file.stat();
    if (!before.isFile()) return { condition: 'damaged', size: 0 };
    if (isSetAside(before)) return { condition: 'damaged', size: before.size };
    const { hex, size } = await hashOf(file, digest, pace);
    if (hex === digestHex(digest)) return { condition: 'sound', size };
    if (setAside) await file.chmod(0);
    return { condition: 'damaged', size };
  } finally {
    await file.close();
  }
}

async function hashOf(file: FileHandle, digest: Digest, pace: CheckOptions['pace']) {
  const hash = createHash(digestAlgorithm(digest));
  const block = Buffer.allocUnsafe(blockSize);
  let size = 0;
  for (;;) {
    const bytesRead = await file.read(block, 0, block.length, size).then(
      (read) => read.bytesRead,
      (error: unknown) => {
        if (errorCode(error) === 'EIO') return undefined;
        throw error;
      },
    );
    if (bytesRead === undefined) return { hex: undefined, size };
    if (bytesRead === 0) return { hex: hash.digest('hex'), size };
    hash.update(block.subarray(0, bytesRead));
    size += bytesRead;
    await pace?.(bytesRead);
  }
}
