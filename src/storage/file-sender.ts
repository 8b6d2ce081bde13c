import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from '../oci/byte-range.js';
import { diskFailure } from './disk-failure.js';
import { SendBuffers } from './send-buffers.js';
import { SendTurns } from './send-turns.js';

const buffers = new SendBuffers();
const turns = new SendTurns();

/**
 * Writes the inclusive range of a file into `to`, reading one block ahead of the block being written. The blocks are a
 * small set of reused buffers, because new ones cost more than the copying.
 */
export async function sendFile(file: FileHandle, to: Writable, { start, end }: ByteRange): Promise<void> {
  let sent: Promise<void> = Promise.resolve();
  for (let position = start; position <= end; ) {
    const buffer = buffers.take(end + 1 - position);
    const length = Math.min(buffer.length, end + 1 - position);
    try {
      await readFully(file, buffer, length, position);
      await sent;
      await turns.take(length);
    } catch (error) {
      buffers.give(buffer);
      throw error;
    }
    sent = write(to, buffer, length);
    // A failure is seen when the next block is due; until then it must not count as unhandled.
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

/** Resolves when the bytes have left the buffer, which is given back then. */
function write(to: Writable, buffer: Buffer, length: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    // A receiver that went away may never call back, and may still read the buffer: that one is not used again.
    const gone = () => {
      over = true;
      buffers.lose(buffer);
      reject(new Error('the receiver went away'));
    };
    to.once('close', gone);
    to.write(buffer.subarray(0, length), (error) => {
      if (over) {
        return;
      }
      to.off('close', gone);
      buffers.give(buffer);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}
