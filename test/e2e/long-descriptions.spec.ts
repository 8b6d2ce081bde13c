import { type Berth, startBerth } from '../support/berth.js';
import { openConsole } from '../support/console-session.js';
import { KiB } from '../support/images.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

test('a hundred repositories of long names and descriptions make no large page', async () => {
  const description = '"'.repeat(4096);
  const long = Array.from({ length: 4 }, (_, i) => `${i}`.repeat(60)).join('/');
  const names = Array.from({ length: 100 }, (_, i) => `${long}/${100 + i}`);
  for (const name of names) {
    const made = await berth.api('POST', '/api/v1/repositories', { name, description, visibility: 'private' });
    expect(made.status).toBe(201);
  }
  const page = await openConsole(berth);
  const list = await page('/repositories?limit=100');
  expect(list.status).toBe(200);
  expect(list.body.toString().match(/<a class="name"/g)).toHaveLength(100);
  expect(list.body.length).toBeLessThanOrEqual(256 * KiB);
  expect((await page(`/r/${names[0]}/-/tags`)).body.toString()).toContain('&quot;'.repeat(4096));
});
