import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from '../oci/byte-range.js';
import { diskFailure } from './disk-failure.js';
import { type Block, SendBuffers } from './send-buffers.js';
import { SendTurns } from './send-turns.js';

const buffers = new SendBuffers();
const turns = new SendTurns();

/**
 * Writes the inclusive range of a file into `to`, reading one block ahead of the block being written. The blocks are a
 * small set of reused buffers, because new ones cost more than the copying.
 * @param name of the file as it is now: files of the same name have the same bytes
 */
export async function sendFile(file: FileHandle, name: string, to: Writable, { start, end }: ByteRange): Promise<void> {
  let sent: Promise<void> = Promise.resolve();
  for (let position = start; position <= end; ) {
    const block = buffers.take({ file: name, position, length: end + 1 - position }, (memory, part) =>
      readFully(file, memory, part.length, part.position),
    );
    const from = position - block.part.position;
    const bytes = block.memory.subarray(from, Math.min(block.part.length, from + end + 1 - position));
    try {
      await block.filled;
      await sent;
      await turns.take(bytes.length);
    } catch (error) {
      buffers.give(block);
      throw error;
    }
    sent = write(to, block, bytes);
    // A failure is seen when the next block is due; until then it must not count as unhandled.
    sent.catch(() => undefined);
    position += bytes.length;
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
    if (bytesRead === 0) throw new Error('a stored blob is shorter than its size');
    filled += bytesRead;
  }
}

/** Resolves when the bytes have left the block, which is given back then. */
function write(to: Writable, block: Block, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    // A receiver that went away may never call back, and may still read the buffer: that one is not used again.
    const gone = () => {
      over = true;
      buffers.lose(block);
      reject(new Error('the receiver went away'));
    };
    to.once('close', gone);
    to.write(bytes, (error) => {
      if (over) return;
      to.off('close', gone);
      buffers.give(block);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}
