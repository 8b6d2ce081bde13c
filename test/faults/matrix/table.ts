import { crashPoints } from './crash-points.js';
import { failingSync } from './failing-sync.js';
import type { Fault } from './fault.js';
import { powerCut } from './power-cut.js';
import { pushStorm } from './push-storm.js';
import { syncOrder } from './sync-order.js';
import { uploadKills } from './upload-kills.js';

/** Every fault that is injected by machine, in the order of their numbers. */
export const faults: readonly Fault[] = [uploadKills, crashPoints, pushStorm, powerCut, syncOrder, failingSync];
