import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

test.each([
  ['/r/team/app', '/r/team/app/-/tags'],
  ['/r/team/app/', '/r/team/app/-/tags'],
  ['/r/app', '/r/app/-/tags'],
  ['/r/team/app/-', '/r/team/app/-/tags'],
  ['/r/team/app/-/', '/r/team/app/-/tags'],
])('%s leads to its tags, whoever asks and whether or not it is there', async (path, target) => {
  for (const visibility of [undefined, 'private', 'public'] as const) {
    const name = target.slice(3, -'/-/tags'.length);
    if (visibility === 'private') await berth.api('POST', '/api/v1/repositories', { name, visibility });
    if (visibility === 'public')
      await berth.api('PATCH', `/api/v1/repositories/${encodeURIComponent(name)}`, { visibility });
    const answer = await send(berth.url, path);
    expect([answer.status, answer.headers.location]).toEqual([303, target]);
  }
});

test.each(['/r/team/app/-/nothing', '/r/Team', '/r//evil.example', '/r/..%2fx', '/r/a%0d%0ab', '/r/', '/r'])(
  '%s is not there',
  async (path) => {
    const answer = await send(berth.url, path);
    expect([answer.status, answer.headers.location]).toEqual([404, undefined]);
  },
);
