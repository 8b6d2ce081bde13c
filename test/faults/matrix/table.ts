import { backup } from './backup.js';
import { bitRot } from './bit-rot.js';
import { brokenKeys } from './broken-keys.js';
import { crashPoints } from './crash-points.js';
import { failingSync } from './failing-sync.js';
import type { Fault } from './fault.js';
import { fullDisk, noInodes } from './full-disk.js';
import { jobKills } from './job-kills.js';
import { loginStorm } from './login-storm.js';
import { noDescriptors } from './no-descriptors.js';
import { powerCut } from './power-cut.js';
import { pushStorm } from './push-storm.js';
import { sameBlob, sameTag } from './same-target.js';
import { siege } from './siege.js';
import { slowClients } from './slow-clients.js';
import { smallHeap } from './small-heap.js';
import { stopUnderLoad } from './stop-under-load.js';
import { syncOrder } from './sync-order.js';
import { twoFileSystems } from './two-file-systems.js';
import { twoServers } from './two-servers.js';
import { upgrades } from './upgrades.js';
import { uploadKills } from './upload-kills.js';
import { vanishingClients } from './vanishing-clients.js';

/** The process or the power goes, or the disk fails. */
export const crashes: readonly Fault[] = [
  uploadKills,
  crashPoints,
  pushStorm,
  powerCut,
  syncOrder,
  failingSync,
  jobKills,
  stopUnderLoad,
  upgrades,
  backup,
];

/** Something runs out, or clients misbehave, or the operator errs. */
export const shortages: readonly Fault[] = [
  fullDisk,
  noInodes,
  noDescriptors,
  twoFileSystems,
  bitRot,
  sameBlob,
  sameTag,
  vanishingClients,
  slowClients,
  smallHeap,
  loginStorm,
  twoServers,
  brokenKeys,
  siege,
];

/** Every fault that is injected by machine. */
export const faults: readonly Fault[] = [...crashes, ...shortages];
