import { type Berth, startBerth } from '../support/berth.js';
import { basic, jsonOf, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { askRealm } from '../support/realm.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['pull'] });
  const make = (name: string, visibility: string, description = '') =>
    berth.api('POST', '/api/v1/repositories', { name, visibility, description });
  await make('team/web', 'private', 'The shop');
  await make('team/db', 'private', 'd'.repeat(1000));
  await make('other/web', 'private');
  await make('open/web', 'public');
});

afterAll(() => berth.stop());

const search = (query: string, authorization?: string) =>
  send(berth.url, `/v1/search?${query}`, { headers: { ...(authorization && { authorization }) } });
const found = async (query: string, authorization: string) => {
  const answer = await search(query, authorization);
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
  return jsonOf(answer).results.map(({ name }: { name: string }) => name);
};

test('finds what one may pull, and nothing else, as docker reads it', async () => {
  const who = basic(ann.username, ann.password);
  expect(await found('q=web', who)).toEqual(['open/web', 'team/web']);
  expect(await found('q=WEB&n=1', who)).toEqual(['open/web']);
  expect(await found('q=', who)).toEqual(['open/web', 'team/db', 'team/web']);
  expect(await found('', who)).toEqual(['open/web', 'team/db', 'team/web']);
  expect(await found('q=nothing%25', who)).toEqual([]);
  expect(await found('q=web', basic(berth.admin.username, berth.admin.password))).toEqual([
    ...['open/web', 'other/web', 'team/web'],
  ]);
  const answer = jsonOf(await search('q=team/web', who));
  expect(answer).toEqual({
    ...{ query: 'team/web', num_results: 1, page: 1, num_pages: 1, page_size: 25 },
    results: [
      {
        ...{ name: 'team/web', description: 'The shop', star_count: 0 },
        ...{ is_official: false, is_automated: false },
      },
    ],
  });
  expect(jsonOf(await search('q=db', who)).results[0].description.length).toBeLessThanOrEqual(200);
});

test('for a robot, and for an access token what it is for', async () => {
  const robot = await addRobot(berth, 'ci', { 'other/*': ['pull'] });
  expect(await found('q=web', basic(robot.username, robot.password))).toEqual(['open/web', 'other/web']);
  const narrow = await addAccessToken(berth, ann, 'narrow', [{ pattern: 'team/db', actions: ['pull'] }]);
  expect(await found('q=', basic(narrow.username, narrow.password))).toEqual(['team/db']);
});

test('takes a token of the scope that docker asks for, and the challenge names it', async () => {
  const nobody = await search('q=web');
  expect([nobody.status, nobody.headers['www-authenticate']]).toEqual([
    401,
    expect.stringMatching(/scope="registry:catalog:search"$/),
  ]);
  const bearer = async (scope: string) =>
    `Bearer ${jsonOf(await askRealm(berth, new URLSearchParams({ service: 'berth', scope }), ann)).token}`;
  expect(await found('q=web', await bearer('registry:catalog:search'))).toEqual(['open/web', 'team/web']);
  expect(await found('q=web', await bearer('registry:catalog:*'))).toEqual(['open/web', 'team/web']);
  const other = await search('q=web', await bearer('repository:team/web:pull'));
  expect([other.status, other.headers['www-authenticate']]).toEqual([
    401,
    expect.stringMatching(/scope="registry:catalog:search",error="insufficient_scope"$/),
  ]);
  const listed = await send(berth.url, '/v2/_catalog', {
    headers: { authorization: await bearer('registry:catalog:search') },
  });
  expect(listed.status).toBe(401);
});

test.each(['n=-1', 'n=x', 'n=1.5'])('%s is refused', async (query) => {
  const answer = await search(query, basic(ann.username, ann.password));
  expect([answer.status, jsonOf(answer).errors[0].code]).toEqual([400, 'PAGINATION_NUMBER_INVALID']);
});

test('nothing else of the first version is there', async () => {
  for (const path of ['/v1/_ping', '/v1/', '/v1/searches', '/v1/search/x', '/v1/users'])
    expect([path, (await send(berth.url, path)).status]).toEqual([path, 404]);
});
