import { type Berth, startBerth } from '../support/berth.js';
import { Callers } from './matrix/callers.js';
import { Objects } from './matrix/objects.js';
import { allRoutes } from './matrix/routes.js';
import { everythingStored } from './matrix/rows-on-disk.js';
import { nameOf, readTable, rowsOf, visibilities } from './matrix/table.js';
import { differingTwins } from './matrix/twins.js';
import { cellsOf, type ExpectedCell, reads, recipes, Walker } from './matrix/walk.js';

/** Who may do what, as docs/authorization.md says it, asked of every route the program has (T1). */
const routes = await allRoutes();
const table = readTable();

describe('docs/authorization.md', () => {
  test('has a row for every route, for each visibility that matters there', () => {
    const wanted = (ofRepository: boolean) => (ofRepository ? visibilities.length : 1);
    const missing = routes.filter((route) => rowsOf(route, table).length !== wanted(route.ofRepository));
    expect(missing.map(nameOf)).toEqual([]);
  });

  test('has no row for what is no route, and none twice', () => {
    const served = new Set(routes.map(nameOf));
    expect(table.map(nameOf).filter((name) => !served.has(name))).toEqual([]);
    const keys = table.map((row) => `${nameOf(row)} ${row.where}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test('there is a recipe for no request but those of routes', () => {
    const served = new Set(routes.map(nameOf));
    expect(Object.keys(recipes).filter((name) => !served.has(name))).toEqual([]);
  });
});

describe('the program does as the table says', () => {
  let berth: Berth;
  let objects: Objects;
  let walker: Walker;
  let cells: ExpectedCell[];

  beforeAll(async () => {
    // Files that the mirror writes in its own time would look like somebody's change.
    const env = { BERTH_LOGIN_FAILURES: '100000', BERTH_UPLOADS_PER_USER: '10000', BERTH_LAYOUT_MIRROR: 'false' };
    berth = await startBerth({ env });
    objects = await Objects.prepare(berth);
    const callers = await Callers.prepare(berth);
    walker = new Walker({ objects, callers });
    cells = cellsOf(routes, table, ({ surface }) => callers.of(surface));
    process.stdout.write(`authorization matrix: ${routes.length} routes, ${cells.length} cells\n`);
  }, 120_000);

  afterAll(async () => {
    walker?.end();
    await berth?.stop();
  });

  test('whoever may not changes nothing', async () => {
    const requests = await walker.prepare(cells.filter(({ allowed }) => !allowed));
    const before = [...(await everythingStored(berth.dataDir)), ...(await objects.uploaded())];
    expect(await walker.differences(requests)).toEqual([]);
    expect([...(await everythingStored(berth.dataDir)), ...(await objects.uploaded())]).toEqual(before);
  }, 120_000);

  test('neither does reading, and HEAD answers as GET does', async () => {
    const requests = await walker.prepare(cells.filter((cell) => cell.allowed && reads(cell)));
    const before = await everythingStored(berth.dataDir);
    expect(await walker.differences(requests)).toEqual([]);
    const heads = requests.filter(({ method }) => method === 'GET').map((request) => ({ ...request, method: 'HEAD' }));
    expect(await walker.differences(heads)).toEqual([]);
    expect(await everythingStored(berth.dataDir)).toEqual(before);
  }, 120_000);

  test('T14 whoever may not pull cannot tell a repository that exists from one that does not', async () => {
    const hidden = cells.filter((cell) => !cell.allowed);
    const { asked, differing } = await differingTwins(walker, table, await walker.prepare(hidden));
    expect(asked).toBeGreaterThan(500);
    expect(differing).toEqual([]);
  }, 120_000);

  test('whoever may changes what the request says', async () => {
    const requests = await walker.prepare(cells.filter((cell) => cell.allowed && !reads(cell)));
    expect(await walker.differences(requests)).toEqual([]);
  }, 120_000);
});
