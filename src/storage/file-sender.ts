import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from '../oci/byte-range.js';
import { diskFailure } from './disk-failure.js';

/** Bytes read and written at a time. */
const blockSize = 256 * 1024;
/** Buffers kept for the next transfer; more exist only while more than this are in use. */
const keptBuffers = 16;
const free: Buffer[] = [];

/**
 * Writes the inclusive range of a file into `to`, reading one block ahead of the block being written. The blocks are a
 * small set of reused buffers, because a new one per block costs more than the copying.
 */
export async function sendFile(file: FileHandle, to: Writable, { start, end }: ByteRange): Promise<void> {
  let position = start;
  let sent: Promise<void> = Promise.resolve();
  while (position <= end) {
    const buffer = free.pop() ?? Buffer.allocUnsafeSlow(blockSize);
    const length = Math.min(blockSize, end + 1 - position);
    try {
      await readFully(file, buffer, length, position);
      await sent;
    } catch (error) {
      release(buffer);
      throw error;
    }
    sent = write(to, buffer, length);
    sent.catch(() => undefined);
    position += length;
  }
  await sent;
}

async function readFully(file: FileHandle, buffer: Buffer, length: number, position: number): Promise<void> {
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file
      .read(buffer, filled, length - filled, position + filled)
      .catch((error: unknown) => {
        throw diskFailure(error);
      });
    if (bytesRead === 0) {
      throw new Error('a stored blob is shorter than its size');
    }
    filled += bytesRead;
  }
}

/** Resolves when the bytes have left the buffer, which is free again then. */
function write(to: Writable, buffer: Buffer, length: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // A receiver that went away may never call back; whether it still reads the buffer is unknown, so that one is not reused.
    const gone = () => reject(new Error('the receiver went away'));
    to.once('close', gone);
    to.write(buffer.subarray(0, length), (error) => {
      to.off('close', gone);
      release(buffer);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}

function release(buffer: Buffer): void {
  if (free.length < keptBuffers) {
    free.push(buffer);
  }
}
