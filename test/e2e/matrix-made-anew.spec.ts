import { type Berth, startBerth } from '../support/berth.js';
import { Callers } from './matrix/callers.js';
import { Objects } from './matrix/objects.js';
import { allRoutes } from './matrix/routes.js';
import { everythingStored } from './matrix/rows-on-disk.js';
import { readTable } from './matrix/table.js';
import { cellsOf, type ExpectedCell, reads, Walker } from './matrix/walk.js';

/** Deleted and made anew: whoever was granted something on exactly the name is a stranger to the repository that has it now. */
const routes = (await allRoutes()).filter(({ ofRepository }) => ofRepository);
const table = readTable();
let berth: Berth;
let objects: Objects;
let walker: Walker;
let callers: Callers;

beforeAll(async () => {
  const env = { BERTH_LOGIN_FAILURES: '100000', BERTH_UPLOADS_PER_USER: '10000', BERTH_LAYOUT_MIRROR: 'false' };
  berth = await startBerth({ env });
  objects = await Objects.prepare(berth);
  callers = await Callers.ofNames(berth);
  walker = new Walker({ objects, callers });
}, 120_000);
afterAll(async () => {
  walker?.end();
  await berth?.stop();
});

const cells = (asStrangers: boolean): ExpectedCell[] =>
  cellsOf(routes, table, ({ surface }) =>
    callers.of(surface).map((caller) => (asStrangers ? { ...caller, column: 'stranger' } : caller)),
  );

test('before, they read as everybody who was granted as much', async () => {
  const reading = cells(false).filter((cell) => cell.allowed && reads(cell));
  expect(reading.length).toBeGreaterThan(200);
  expect(await walker.differences(await walker.prepare(reading))).toEqual([]);
}, 120_000);

test('behind that, every route answers them as strangers, with the tokens from before too, and nothing changes', async () => {
  await objects.makeAnew();
  const all = cells(true);
  const [allowed, refused] = [all.filter((cell) => cell.allowed), all.filter((cell) => !cell.allowed)];
  expect(refused.length).toBeGreaterThan(600);
  const before = [...(await everythingStored(berth.dataDir)), ...(await objects.uploaded())];
  expect(await walker.differences(await walker.prepare([...allowed, ...refused]))).toEqual([]);
  expect([...(await everythingStored(berth.dataDir)), ...(await objects.uploaded())]).toEqual(before);
}, 120_000);
