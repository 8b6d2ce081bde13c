import { type Berth, startBerth } from '../support/berth.js';
import { openConsole } from '../support/console-session.js';
import { send } from '../support/http.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

test.each([
  ['no page', '/nowhere', 404],
  ['no page of a folder of pages', '/users/ann/nothing/there', 404],
  ['no repository', '/r/team/nothing/-/tags', 404],
  ['no text', '/%E0%A4%A', 404],
])('whoever is signed in is still so where there is %s', async (_what, path, status) => {
  const page = await openConsole(berth);
  const answer = await page(path);
  expect(answer.status).toBe(status);
  const html = answer.body.toString();
  expect(html).not.toContain('href="/sign-in');
  expect(html).toContain('action="/sign-out"');
  const stranger = (await send(berth.url, path)).body.toString();
  expect(stranger).not.toContain('action="/sign-out"');
});
