import { type Berth, startBerth } from '../support/berth.js';
import { Losses, losses } from './matrix/losses.js';
import { Objects } from './matrix/objects.js';
import { allRoutes } from './matrix/routes.js';
import { everythingStored } from './matrix/rows-on-disk.js';
import { readTable } from './matrix/table.js';

/** Every route that takes a body, asked by somebody who loses what let the request in before the body has arrived. */
const routes = await allRoutes();

let berth: Berth;
let objects: Objects;

beforeAll(async () => {
  const env = { BERTH_LOGIN_FAILURES: '100000', BERTH_UPLOADS_PER_USER: '10000', BERTH_LAYOUT_MIRROR: 'false' };
  berth = await startBerth({ env });
  objects = await Objects.prepare(berth);
}, 120_000);

afterAll(() => berth?.stop());

test.each(losses)(
  'whoever loses %s in the middle of a body gets what a new request would, and changes nothing',
  async (loss) => {
    const asked = new Losses(berth, objects, readTable());
    const { losers, begun } = await asked.begin(loss, routes);
    expect(begun.length).toBeGreaterThan(20);
    for (const loser of losers) await asked.take(loss, loser);
    const before = await everythingStored(berth.dataDir);
    expect(await asked.finish(begun)).toEqual([]);
    if (loss !== 'nothing') expect(await everythingStored(berth.dataDir)).toEqual(before);
  },
  120_000,
);
