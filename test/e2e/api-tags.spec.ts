import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { type BuiltImage, buildImage } from '../support/images.js';
import { addSignedIn } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let registry: RegistryClient;
const tokens: Record<string, string> = {};
const first: BuiltImage = buildImage({ seed: 'first', layers: [100] });
const second: BuiltImage = buildImage({ seed: 'second', layers: [100] });
const [one, two] = [first.manifest.digest, second.manifest.digest];
const tags = '/api/v1/repositories/team%2Fapp/tags';

beforeAll(async () => {
  berth = await startBerth();
  for (const [name, action] of Object.entries({ reader: 'pull', pusher: 'push', deleter: 'delete' } as const)) {
    tokens[name] = await addSignedIn(berth, name, { 'team/*': [action] });
  }
  registry = await RegistryClient.open(berth.url, berth.admin);
  await registry.push('team/app', 'one', first);
  await registry.push('team/app', 'two', second);
});
afterAll(() => berth.stop());

const put = (tag: string, body: unknown, who = 'pusher') => berth.api('PUT', `${tags}/${tag}`, body, tokens[who]);
/** With a header that berth.api has no place for. */
const ask = (method: string, path: string, headers: Record<string, string>, body?: object) =>
  send(berth.url, path, {
    method,
    headers: {
      authorization: `Bearer ${tokens[method === 'DELETE' ? 'deleter' : 'pusher']}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
const pulled = async (tag: string) => (await registry.getManifest('team/app', tag)).headers['docker-content-digest'];

describe('PUT of a tag', () => {
  test('points it to an image that is there, for the registry at once', async () => {
    expect((await registry.getManifest('team/app', 'moved')).status).toBe(404);
    const made = await put('moved', { digest: one });
    expect([made.status, made.headers.location, made.headers.etag]).toEqual([201, `${tags}/moved`, `"${one}"`]);
    expect(made.body).toMatchObject({ name: 'moved', digest: one, kind: 'image', tags: ['moved', 'one'] });
    expect(await pulled('moved')).toBe(one);
    const moved = await put('moved', { reference: 'two' });
    expect([moved.status, moved.headers.location, moved.body.digest]).toEqual([200, undefined, two]);
    expect(await pulled('moved')).toBe(two);
    expect((await put('moved', { reference: two })).status).toBe(200);
    expect(await pulled('two')).toBe(two);
  });

  test('is a push: in the audit and in the list of tags', async () => {
    await put('pushed', { digest: one });
    const { body } = await berth.api('GET', '/api/v1/audit?action=push&resource=repository:team/app&limit=1');
    expect(body.items[0]).toMatchObject({
      actor: { kind: 'user', name: 'pusher' },
      reference: 'pushed',
      detail: { after: { digest: one, tags: ['pushed'] } },
    });
    const list = await berth.api('GET', `${tags}?limit=1`);
    expect(list.body.items[0]).toMatchObject({ name: 'pushed', pushedBy: 'pusher' });
  });

  test('is for who may push', async () => {
    for (const who of ['reader', 'deleter']) expect((await put('moved', { digest: one }, who)).status).toBe(403);
    expect((await berth.api('PUT', `${tags}/moved`, { digest: one }, null)).status).toBe(401);
  });

  test('with If-Match is made only while the tag points there', async () => {
    await put('guarded', { digest: one });
    const move = (match: string, target: string) =>
      ask('PUT', `${tags}/guarded`, { 'if-match': match }, { digest: target });
    for (const stale of [`"${two}"`, `W/"${one}"`, one, '"x"']) expect((await move(stale, two)).status).toBe(412);
    expect(await pulled('guarded')).toBe(one);
    expect((await move(`"x", "${one}"`, two)).status).toBe(200);
    expect((await move('*', one)).status).toBe(200);
    expect((await ask('PUT', `${tags}/never`, { 'if-match': '*' }, { digest: one })).status).toBe(412);
    expect((await ask('DELETE', `${tags}/guarded`, { 'if-match': `"${two}"` })).status).toBe(412);
    const { etag } = (await berth.api('GET', `${tags}/guarded`)).headers;
    expect(etag).toBe(`"${one}"`);
    expect((await ask('DELETE', `${tags}/guarded`, { 'if-match': String(etag) })).status).toBe(204);
  });

  test.each<[string, unknown, number, string]>([
    ['a', {}, 400, 'VALIDATION_FAILED'],
    ['a', undefined, 400, 'VALIDATION_FAILED'],
    ['a', [], 400, 'VALIDATION_FAILED'],
    ['a', { digest: one, reference: 'one' }, 400, 'VALIDATION_FAILED'],
    ['a', { digest: one, by: 'admin' }, 400, 'VALIDATION_FAILED'],
    ['a', { digest: null }, 400, 'VALIDATION_FAILED'],
    ['a', { digest: [one] }, 400, 'VALIDATION_FAILED'],
    ['a', { reference: { one: 1 } }, 400, 'VALIDATION_FAILED'],
    ['a', { digest: 'one' }, 400, 'DIGEST_INVALID'],
    ['a', { reference: '.one' }, 400, 'TAG_INVALID'],
    ['a', { reference: 'sha256:1' }, 400, 'DIGEST_INVALID'],
    ['.a', { digest: one }, 400, 'TAG_INVALID'],
    [`${'a'.repeat(129)}`, { digest: one }, 400, 'TAG_INVALID'],
    ['a', { digest: `sha256:${'0'.repeat(64)}` }, 404, 'MANIFEST_UNKNOWN'],
    ['a', { reference: 'none' }, 404, 'MANIFEST_UNKNOWN'],
  ])('%s %j → %d %s', async (tag, body, status, code) => {
    const answer = await put(tag, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('takes no image of another repository, and makes none', async () => {
    const foreign = buildImage({ seed: 'foreign', layers: [100] });
    await registry.push('other/app', 'v1', foreign);
    expect((await put('a', { digest: foreign.manifest.digest })).body.code).toBe('MANIFEST_UNKNOWN');
    const absent = await berth.api('PUT', '/api/v1/repositories/team%2Fabsent/tags/a', { digest: one }, tokens.pusher);
    expect([absent.status, absent.body.code]).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect((await berth.api('GET', '/api/v1/repositories/team%2Fabsent')).status).toBe(404);
  });
});

describe('the history of a tag', () => {
  const history = (tag: string, query = '') =>
    berth.api('GET', `${tags}/${tag}/history${query}`, undefined, tokens.reader);

  test('has every move, through the registry and through the API, and outlives the tag', async () => {
    await registry.push('team/app', 'told', first);
    await registry.push('team/app', 'told', first);
    await put('told', { digest: two });
    await put('told', { digest: two });
    await berth.api('DELETE', `${tags}/told`, undefined, tokens.deleter);
    const { status, body } = await history('told');
    expect(status).toBe(200);
    const at = expect.any(String);
    expect(body).toEqual({
      items: [
        { digest: null, at, actor: { kind: 'user', name: 'deleter' }, present: false },
        { digest: two, at, actor: { kind: 'user', name: 'pusher' }, present: true },
        { digest: one, at, actor: { kind: 'user', name: 'admin' }, present: true },
      ],
    });
    const pages = await history('told', '?limit=2');
    expect(pages.headers.link).toContain('rel="next"');
    const rest = await history('told', `?limit=2&cursor=${pages.body.nextCursor}`);
    expect([...pages.body.items, ...rest.body.items]).toEqual(body.items);
  });

  test('names the robot that pushed', async () => {
    const { body } = await berth.api('POST', '/api/v1/robots', { namespace: 'team', name: 'ci' });
    await berth.api('POST', '/api/v1/permissions', {
      subject: { type: 'robot', name: 'team+ci' },
      pattern: 'team/*',
      actions: ['push'],
    });
    const robot = await RegistryClient.open(berth.url, { username: 'team+ci', password: body.secret });
    await robot.push('team/app', 'built', first);
    expect((await history('built')).body.items).toMatchObject([{ actor: { kind: 'robot', name: 'team+ci' } }]);
  });

  test('goes with the repository', async () => {
    const path = '/api/v1/repositories/team%2Fgone';
    await registry.push('team/gone', 'v1', first);
    await berth.api('DELETE', path);
    await registry.push('team/gone', 'v2', first);
    expect((await berth.api('GET', `${path}/tags/v1/history`)).status).toBe(404);
    expect((await berth.api('GET', `${path}/tags/v2/history`)).body.items).toHaveLength(1);
  });

  test.each<[string, number, string]>([
    ['never/history', 404, 'MANIFEST_UNKNOWN'],
    ['.bad/history', 400, 'TAG_INVALID'],
    ['one/history?limit=0', 400, 'VALIDATION_FAILED'],
    ['one/history?limit=101', 400, 'VALIDATION_FAILED'],
    ['one/history?cursor=Zm9v', 400, 'VALIDATION_FAILED'],
    ['one/history?q=a', 400, 'VALIDATION_FAILED'],
    ['one/history?limit=1&limit=2', 400, 'VALIDATION_FAILED'],
  ])('%s → %d %s', async (end, status, code) => {
    const answer = await berth.api('GET', `${tags}/${end}`, undefined, tokens.reader);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('deleting many tags', () => {
  const remove = (body: unknown, who: string | null = 'deleter') =>
    berth.api('POST', `${tags}:delete`, body, who === null ? null : tokens[who]);

  test('answers for each in the same order, and records each', async () => {
    for (const tag of ['x', 'y']) await put(tag, { digest: one });
    const { status, body } = await remove({ names: ['y', 'none', '.bad', 'x'] });
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        { name: 'y', deleted: true },
        { name: 'none', deleted: false, code: 'MANIFEST_UNKNOWN' },
        { name: '.bad', deleted: false, code: 'TAG_INVALID' },
        { name: 'x', deleted: true },
      ],
    });
    for (const tag of ['x', 'y']) expect((await registry.getManifest('team/app', tag)).status).toBe(404);
    expect(await pulled('one')).toBe(one);
    const audit = await berth.api('GET', '/api/v1/audit?action=tag.delete&actor=user:deleter&limit=2');
    expect(audit.body.items.map(({ reference }: { reference: string }) => reference).sort()).toEqual(['x', 'y']);
  });

  test('is for who may delete', async () => {
    for (const who of ['reader', 'pusher']) expect((await remove({ names: ['one'] }, who)).status).toBe(403);
    expect((await remove({ names: ['one'] }, null)).status).toBe(401);
    expect(await pulled('one')).toBe(one);
  });

  test.each<[string, unknown]>([
    ['none', { names: [] }],
    ['nothing', undefined],
    ['more than 100', { names: Array.from({ length: 101 }, (_, index) => `t${index}`) }],
    ['one twice', { names: ['one', 'one'] }],
    ['a text', { names: 'one' }],
    ['numbers', { names: [1] }],
    ['an object', { names: { 0: 'one' } }],
    ['null', { names: [null] }],
    ['something else besides', { names: ['one'], force: true }],
    ['a long text', { names: ['a'.repeat(256)] }],
  ])('refuses %s', async (_what, body) => {
    const answer = await remove(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(await pulled('one')).toBe(one);
  });
});
