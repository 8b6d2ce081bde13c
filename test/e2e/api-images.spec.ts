import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { type BuiltImage, buildImage, buildIndex } from '../support/images.js';
import { addSignedIn } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let registry: RegistryClient;
const tokens: Record<string, string> = {};
const repositories = '/api/v1/repositories';

beforeAll(async () => {
  berth = await startBerth();
  for (const [name, action] of Object.entries({ reader: 'pull', pusher: 'push', deleter: 'delete' } as const)) {
    tokens[name] = await addSignedIn(berth, name, { 'team/*': [action] });
  }
  registry = await RegistryClient.open(berth.url, berth.admin);
});

afterAll(() => berth.stop());

const names = (answer: { body: { items: { name: string }[] } }) => answer.body.items.map(({ name }) => name);

describe('tags and images', () => {
  let first: BuiltImage;
  const path = `${repositories}/team%2Fimages`;

  beforeAll(async () => {
    first = buildImage({ seed: 'first', layers: [1000, 2000] });
    await registry.push('team/images', 'v1', first);
    await registry.push('team/images', 'same', first);
    await registry.push('team/images', 'multi', buildIndex({ seed: 'multi', layers: [500] }));
  });

  test('are listed, the last push first', async () => {
    const { status, body } = await berth.api('GET', `${path}/tags`, undefined, tokens.reader);
    expect(status).toBe(200);
    expect(names({ body })).toEqual(['multi', 'same', 'v1']);
    expect(body.items[2]).toEqual({
      name: 'v1',
      digest: first.manifest.digest,
      mediaType: first.manifest.mediaType,
      totalSize: expect.any(Number),
      platforms: ['linux/amd64'],
      pushedAt: expect.any(String),
      pushedBy: 'admin',
      aliases: ['same'],
    });
    expect(names(await berth.api('GET', `${path}/tags?sort=name`, undefined, tokens.reader))).toEqual([
      'multi',
      'same',
      'v1',
    ]);
    expect(names(await berth.api('GET', `${path}/tags?q=V1`, undefined, tokens.reader))).toEqual(['v1']);
  });

  test('are paged in either order', async () => {
    for (const sort of ['name', '-pushedAt', 'version', '-size']) {
      const all: string[] = [];
      for (let next: string | undefined = `${path}/tags?limit=1&sort=${sort}`; next; ) {
        const answer = await berth.api('GET', next, undefined, tokens.reader);
        all.push(...names(answer));
        next = /^<([^>]+)>; rel="next"/.exec(String(answer.headers.link ?? ''))?.[1];
      }
      expect([...all].sort()).toEqual(['multi', 'same', 'v1']);
      if (sort === 'name') expect(all).toEqual(['multi', 'same', 'v1']);
    }
    for (const query of ['cursor=Zm9v', 'sort=digest', 'sort=pushedAt;drop', 'sort=__proto__', 'limit=1000'])
      expect((await berth.api('GET', `${path}/tags?${query}`)).status).toBe(400);
  });

  test('are described by tag and by digest', async () => {
    const byTag = await berth.api('GET', `${path}/tags/v1`, undefined, tokens.reader);
    const byDigest = await berth.api('GET', `${path}/manifests/${first.manifest.digest}`, undefined, tokens.reader);
    expect(byDigest.status).toBe(200);
    expect(byTag.body).toEqual({ name: 'v1', ...byDigest.body });
    expect(byDigest.body).toMatchObject({
      kind: 'image',
      digest: first.manifest.digest,
      tags: ['same', 'v1'],
      platforms: ['linux/amd64'],
    });
    expect(byDigest.body.layers).toHaveLength(2);
    expect(byDigest.body).not.toHaveProperty('raw');
    const index = await berth.api('GET', `${path}/tags/multi`, undefined, tokens.reader);
    expect(index.body).toMatchObject({ kind: 'index', children: [{ present: true }, { present: true }] });
  });

  test('give their bytes, to be stored and never shown', async () => {
    const headers = { authorization: `Bearer ${tokens.reader}` };
    const answer = await send(berth.url, `${path}/manifests/${first.manifest.digest}/raw`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.body.equals(first.manifest.bytes)).toBe(true);
    expect(answer.headers['content-type']).toBe(first.manifest.mediaType);
    expect(answer.headers['content-disposition']).toMatch(/^attachment/);
    expect(answer.headers['content-security-policy']).toContain('sandbox');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test('give the bytes of their config, and an index has none', async () => {
    const headers = { authorization: `Bearer ${tokens.reader}` };
    const answer = await send(berth.url, `${path}/manifests/${first.manifest.digest}/config`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.body.equals(first.config.bytes)).toBe(true);
    expect(answer.headers['content-disposition']).toMatch(/^attachment/);
    expect(answer.headers['content-security-policy']).toContain('sandbox');
    const { digest } = (await berth.api('GET', `${path}/tags/multi`)).body;
    const none = await berth.api('GET', `${path}/manifests/${digest}/config`);
    expect([none.status, none.body.code]).toEqual([404, 'BLOB_UNKNOWN']);
  });

  test('T40 a removed tag leaves its siblings, a removed image takes its tags', async () => {
    const image = buildImage({ seed: 'gone', layers: [10] });
    for (const tag of ['a', 'b', 'c']) await registry.push('team/gone', tag, image);
    const gone = `${repositories}/team%2Fgone`;
    expect((await berth.api('DELETE', `${gone}/tags/a`, undefined, tokens.pusher)).status).toBe(403);
    expect((await berth.api('DELETE', `${gone}/tags/a`, undefined, tokens.deleter)).status).toBe(204);
    expect((await berth.api('DELETE', `${gone}/tags/a`, undefined, tokens.deleter)).status).toBe(404);
    expect(names(await berth.api('GET', `${gone}/tags?sort=name`))).toEqual(['b', 'c']);
    expect(
      (await berth.api('DELETE', `${gone}/manifests/${image.manifest.digest}`, undefined, tokens.pusher)).status,
    ).toBe(403);
    expect(
      (await berth.api('DELETE', `${gone}/manifests/${image.manifest.digest}`, undefined, tokens.deleter)).status,
    ).toBe(204);
    expect(names(await berth.api('GET', `${gone}/tags`))).toEqual([]);
  });

  test.each<[string, string, number, string]>([
    ['GET', '/tags/.bad', 400, 'TAG_INVALID'],
    ['GET', '/tags/none', 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/manifests/sha256:bad', 400, 'DIGEST_INVALID'],
    ['GET', `/manifests/sha256:${'0'.repeat(64)}`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/manifests/sha256:${'0'.repeat(64)}/raw`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/manifests/sha256:${'0'.repeat(64)}/config`, 404, 'MANIFEST_UNKNOWN'],
    ['DELETE', '/manifests/latest', 400, 'DIGEST_INVALID'],
    ['PATCH', '/tags/v1', 405, 'UNSUPPORTED'],
  ])('%s %s → %d %s', async (method, end, status, code) => {
    const answer = await berth.api(method, `${path}${end}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('a name in several segments is another route', async () => {
    expect((await berth.api('GET', `${repositories}/team/images`)).status).toBe(404);
    expect((await berth.api('GET', `${repositories}/Team%2Fimages`)).body.code).toBe('NAME_INVALID');
    expect((await berth.api('GET', `${repositories}/team%2F..%2Fimages`)).body.code).toBe('NAME_INVALID');
  });
});

test('T4 with deletion switched off nothing is deleted here either', async () => {
  const fixed = await startBerth({ env: { BERTH_DELETE_ENABLED: 'false' } });
  try {
    const image = buildImage({ seed: 'kept', layers: [10] });
    await (await RegistryClient.open(fixed.url, fixed.admin)).push('team/kept', 'v1', image);
    for (const end of ['tags/v1', `manifests/${image.manifest.digest}`]) {
      const answer = await fixed.api('DELETE', `${repositories}/team%2Fkept/${end}`);
      expect([answer.status, answer.body.code]).toEqual([405, 'UNSUPPORTED']);
    }
    expect((await fixed.api('GET', `${repositories}/team%2Fkept/tags/v1`)).status).toBe(200);
  } finally {
    await fixed.stop();
  }
});
