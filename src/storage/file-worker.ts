import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorCode } from '../errors/error-code.js';
import { type Commit, commitFile } from './commit.js';

/** Bytes to be put into a file that is open. */
export interface Write {
  /** Its descriptor, which all threads share. */
  readonly file: number;
  /** One behind the other. */
  readonly pieces: readonly Uint8Array[];
  /** Of the first byte. */
  readonly position: number;
}

/** What a file thread is asked to do. */
export type FileTask = ({ readonly kind: 'commit' } & Commit) | ({ readonly kind: 'write' } & Write);

/** How it failed; null when it did not. */
export type FileAnswer = { readonly code: string | undefined; readonly message: string } | null;

/**
 * Bytes in one system call. The kernel keeps each in one stretch of memory, and short stretches are those that it used
 * before: on a virtual machine that hands what it does not use back to its host, long ones cost a fault for each page.
 */
const atATime = 16 << 10;

parentPort?.on('message', (task: FileTask) => parentPort?.postMessage(answerTo(task)));

function answerTo(task: FileTask): FileAnswer {
  try {
    if (task.kind === 'commit') commitFile(task);
    else write(task);
    return null;
  } catch (error) {
    return { code: errorCode(error), message: String(error) };
  }
}

function write({ file, pieces, position: start }: Write): void {
  let position = start;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      const most = atATime - (position % atATime);
      const written = writeSync(file, piece, from, Math.min(most, piece.length - from), position);
      from += written;
      position += written;
    }
  }
}
