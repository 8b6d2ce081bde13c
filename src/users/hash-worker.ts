import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { compareSync, hashSync } from 'bcrypt';

/** One piece of work: a new hash, or a comparison when there is a hash to compare with. */
export interface HashTask {
  readonly secret: string;
  readonly hash?: string;
}

/** Some 110 ms on a current core; 12 would take 216 ms, and a hundred people signing in on two cores eleven seconds. */
const cost = 11;

/** Whoever guesses passwords keeps both processors busy here; serving comes first. On Linux each thread has its own priority. */
function giveWay(): void {
  let thread: string;
  try {
    thread = basename(readlinkSync('/proc/thread-self'));
  } catch {
    return; // another system: all threads are equal there
  }
  setPriority(Number(thread), 5);
}

giveWay();

/** The synchronous calls, on purpose: bcrypt's asynchronous ones would fill libuv's pool, where files are read. */
parentPort?.on('message', ({ secret, hash }: HashTask) => {
  parentPort?.postMessage(hash === undefined ? hashSync(secret, cost) : compareSync(secret, hash));
});
