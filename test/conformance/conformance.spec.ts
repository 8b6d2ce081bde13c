import { describeEachWay } from '../support/ways.js';
import { api } from './chapters/api.js';
import { discovery } from './chapters/discovery.js';
import { headers } from './chapters/headers.js';
import { management } from './chapters/management.js';
import { pull } from './chapters/pull.js';
import { pushBlobs } from './chapters/push-blobs.js';
import { pushManifests } from './chapters/push-manifests.js';
import { traps } from './chapters/traps.js';
import { type Ground, layGround } from './ground.js';

/** What the distribution specification requires, as far as it can be seen of a registry; then what clients require besides. */
describeEachWay({}, (way) => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await layGround(way());
  });
  const chapters = { pull, pushBlobs, pushManifests, discovery, management, api, traps, headers };
  for (const [name, chapter] of Object.entries(chapters)) describe(name, () => chapter(() => ground));
});
