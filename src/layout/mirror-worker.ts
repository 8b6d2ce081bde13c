import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { clock } from '../async/clock.js';
import { Inspection } from '../database/inspection.js';
import { errorCode } from '../errors/error-code.js';
import type { LookAt } from './look-at.js';
import { Mirror, type Mirrored, type MirrorProblem } from './mirror.js';
import { MirrorFiles } from './mirror-files.js';

export interface MirrorOrder {
  /** Undefined for all there is. */
  readonly lookAt: readonly LookAt[] | undefined;
  /** Whether anything is written; otherwise it only removes what is gone. */
  readonly writes: boolean;
  /** Nobody waits for it: pushes shall have the disk at least half of the time. */
  readonly gently: boolean;
  /** Bytes of the disk that nothing is written into. */
  readonly leave: number;
}

/** What the thread has to say about an order: how far it is, what could not be, and at last that it is done and durable, or why not. */
export type MirrorReport =
  | { readonly mirrored: Mirrored }
  | { readonly problem: MirrorProblem }
  | { readonly done: true }
  | { readonly failed: string; readonly code: string | undefined };

const { dataDir } = workerData as { readonly dataDir: string };
const report = (said: MirrorReport): void => parentPort?.postMessage(said);

function rest(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function* work(mirror: Mirror, { lookAt }: MirrorOrder): Generator<void> {
  if (lookAt !== undefined) yield* mirror.follow(lookAt);
  else for (const mirrored of mirror.everything()) yield report({ mirrored });
}

const inspection = new Inspection(join(dataDir, 'berth.db'));
parentPort?.on('message', (order: MirrorOrder | 'end') => {
  if (order === 'end') {
    inspection.close();
    parentPort?.close();
    return;
  }
  try {
    const tell = (problem: MirrorProblem) => report({ problem });
    const mirror = new Mirror(inspection, new MirrorFiles(dataDir, order.leave), tell, order.writes);
    let begun = clock.steady();
    for (const _ of work(mirror, order)) {
      if (order.gently) rest(clock.steady() - begun);
      begun = clock.steady();
    }
    report({ done: true });
  } catch (error) {
    report({ failed: error instanceof Error ? error.message : String(error), code: errorCode(error) });
  }
});
