import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Inspection } from '../database/inspection.js';
import { Mirror, type Mirrored, type MirrorProblem } from './mirror.js';
import { MirrorFiles } from './mirror-files.js';

export interface MirrorOrder {
  readonly dataDir: string;
  /** Also what nothing was noted about. */
  readonly everything: boolean;
  /** Nobody waits for it: pushes shall have the disk at least half of the time. */
  readonly gently: boolean;
  /** Bytes of the disk that nothing is written into. */
  readonly leave: number;
}

/** What the thread has to say: noted changes that are done and durable, how far it is, what could not be. */
export type MirrorReport =
  | { readonly through: number }
  | { readonly mirrored: Mirrored }
  | { readonly problem: MirrorProblem };

const { dataDir, everything, gently, leave } = workerData as MirrorOrder;
const report = (said: MirrorReport): void => parentPort?.postMessage(said);

function rest(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const inspection = new Inspection(join(dataDir, 'berth.db'));
try {
  const mirror = new Mirror(inspection, new MirrorFiles(dataDir, leave), (problem) => report({ problem }));
  let begun = performance.now();
  for (const through of mirror.changes()) {
    report({ through });
    if (gently) rest(performance.now() - begun);
    begun = performance.now();
  }
  if (everything) for (const mirrored of mirror.everything()) report({ mirrored });
} finally {
  inspection.close();
}
