import { clock } from './clock.js';
import { CredibleClock } from './credible-clock.js';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 1);
const real = { ...clock };
let wall: number;
let steady: number;
beforeEach(() => {
  [wall, steady] = [start, 1_000];
  Object.assign(clock, { wall: () => wall, steady: () => steady });
});
afterEach(() => Object.assign(clock, real));

const pass = (milliseconds: number) => {
  wall += milliseconds;
  steady += milliseconds;
};
/** What it says after each hour. */
const readEachHour = (credible: CredibleClock, hours: number) =>
  Array.from({ length: hours }, () => {
    pass(hour);
    return credible.now();
  });

test('shows the wall as long as nobody sets it', () => {
  const credible = new CredibleClock(day);
  expect(readEachHour(credible, 100).at(-1)).toBe(start + 100 * hour);
});

test('goes on in real time when it was set forward, however often it is read, and counts that after its time', () => {
  const credible = new CredibleClock(day);
  pass(hour);
  credible.now();
  wall += 8 * day;
  expect(readEachHour(credible, 24)).toEqual(Array.from({ length: 24 }, (_, past) => start + (past + 2) * hour));
  readEachHour(credible, 24);
  expect(credible.now()).toBe(wall);
});

test('does not add up steps that were taken one after the other', () => {
  const credible = new CredibleClock(day);
  for (let step = 0; step < 20; step++) {
    wall += day;
    readEachHour(credible, 1);
  }
  expect(credible.now()).toBe(start + 20 * hour);
});

test('counts at once when it was set back, and is put right like any step forward', () => {
  const credible = new CredibleClock(day);
  wall -= 8 * day;
  expect(credible.now()).toBe(wall);
  wall += 8 * day;
  expect(readEachHour(credible, 23).at(-1)).toBe(start - 8 * day + 23 * hour);
  readEachHour(credible, 48);
  expect(credible.now()).toBe(wall);
});

test('with no time to wait, counts a step from the second reading on that shows it', () => {
  const credible = new CredibleClock(0);
  wall += day;
  expect(credible.now()).toBe(start);
  expect(credible.now()).toBe(wall);
});
