import { parentPort } from 'node:worker_threads';
import { compareSync, hashSync } from 'bcrypt';

/** One piece of work: a new hash, or a comparison when there is a hash to compare with. */
export interface HashTask {
  readonly secret: string;
  readonly hash?: string;
}

/** Some 110 ms on a current core; 12 would take 216 ms, and a hundred people signing in on two cores eleven seconds. */
const cost = 11;

/** The synchronous calls, on purpose: bcrypt's asynchronous ones would fill libuv's pool, where files are read. */
parentPort?.on('message', ({ secret, hash }: HashTask) => {
  parentPort?.postMessage(hash === undefined ? hashSync(secret, cost) : compareSync(secret, hash));
});
