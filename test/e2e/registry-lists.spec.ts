import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, jsonOf, send } from '../support/http.js';
import {
  buildImage,
  type Content,
  descriptor,
  emptyConfig,
  MiB,
  manifestOf,
  sha256,
  types,
} from '../support/images.js';
import { addUser } from '../support/people.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let client: RegistryClient;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push'] });
  client = await RegistryClient.open(berth.url, ann);
});

afterAll(() => berth.stop());

async function put(repository: string, reference: string, what: Content): Promise<Answer> {
  const answer = await client.putManifest(repository, reference, what);
  expect([answer.status, answer.body.toString()]).toEqual([201, '']);
  return answer;
}

describe('lists', () => {
  /** Follows Link to the end. */
  async function walk(first: string, key: string, headers: Record<string, string>): Promise<string[]> {
    const found: string[] = [];
    for (let path: string | undefined = first; path !== undefined; ) {
      const answer = await send(berth.url, path, { headers });
      expect(answer.status).toBe(200);
      found.push(...jsonOf(answer)[key]);
      path = nextOf(answer);
    }
    return found;
  }
  const nextOf = ({ headers }: Answer) => /^<(\/v2\/[^>]+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
  const bearer = async (...scopes: string[]) => ({
    authorization: `Bearer ${await berth.token(ann.username, ann.password, ...scopes)}`,
  });

  test('tags in byte order, on pages of any size, none lost and none twice', async () => {
    const tags = ['0.1.2', '0.1.20', 'A', 'Z', '_', 'a', 'ab', 'b', 'latest', 'z'];
    const image = buildImage({ seed: 'tags', layers: [10] });
    await client.push('team/tags', 'a', image);
    for (const tag of [...tags].reverse()) await put('team/tags', tag, image.manifest);
    const headers = await bearer('repository:team/tags:pull');
    expect(jsonOf(await client.request('team/tags', 'tags/list'))).toEqual({ name: 'team/tags', tags });
    for (const n of [1, 3, 10, 100])
      expect(await walk(`/v2/team/tags/tags/list?n=${n}`, 'tags', headers)).toEqual(tags);
    expect(jsonOf(await client.request('team/tags', 'tags/list?last=B&n=2')).tags).toEqual(['Z', '_']);
    expect(jsonOf(await client.request('team/tags', 'tags/list?last=z')).tags).toEqual([]);
  });

  test('a repository without tags has an empty list', async () => {
    await client.pushBlob('team/untagged', emptyConfig);
    expect(jsonOf(await client.request('team/untagged', 'tags/list'))).toEqual({ name: 'team/untagged', tags: [] });
  });

  test('referrers: what points here, filtered and paged, and never 404', async () => {
    await client.pushBlob('team/ref', emptyConfig);
    const subject = manifestOf({ config: descriptor(emptyConfig), layers: [descriptor(emptyConfig)] });
    const about = (annotation: string, artifactType?: string) =>
      manifestOf({
        artifactType,
        config: descriptor(emptyConfig),
        layers: [descriptor(emptyConfig)],
        subject: descriptor(subject),
        annotations: { annotation },
      });
    const signatures = ['one', 'two', 'three'].map((text) => about(text, 'application/x-signature'));
    const bom = about('bom', 'application/x-bom');
    for (const each of [...signatures, bom]) {
      const answer = await put('team/ref', each.digest, each);
      expect(answer.headers['oci-subject']).toBe(subject.digest);
    }
    const path = `referrers/${subject.digest}`;
    const all = await client.request('team/ref', path);
    expect(all.headers['content-type']).toBe(types.index);
    expect(jsonOf(all)).toMatchObject({ schemaVersion: 2, mediaType: types.index });
    expect(jsonOf(all).manifests).toHaveLength(4);
    const filtered = await client.request('team/ref', `${path}?artifactType=application/x-bom`);
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
    expect(jsonOf(filtered).manifests).toEqual([
      { ...descriptor(bom), artifactType: 'application/x-bom', annotations: { annotation: 'bom' } },
    ]);
    const headers = await bearer('repository:team/ref:pull');
    const signed = await walk(`/v2/team/ref/${path}?n=1&artifactType=application/x-signature`, 'manifests', headers);
    expect(signed.map((each) => (each as unknown as { digest: string }).digest).sort()).toEqual(
      signatures.map(({ digest }) => digest).sort(),
    );
    for (const repository of ['team/ref', 'team/nothing']) {
      const none = await client.request(repository, `referrers/${sha256(Buffer.from('none'))}`);
      expect([none.status, jsonOf(none).manifests]).toEqual([200, []]);
    }
  });

  test('referrers with long annotations come on pages of 4 MiB at most, all of them; HEAD says how long', async () => {
    await client.pushBlob('team/long', emptyConfig);
    const subject = descriptor(manifestOf({ config: descriptor(emptyConfig), layers: [] }));
    const pushed: string[] = [];
    for (const [n, long] of [3.9, 1.2, 1.2, 1.2, 1.2, 1.2, 3.9].entries()) {
      const annotations = { n: String(n), long: 'x'.repeat(long * MiB) };
      const artifactType = long > 2 ? 'application/x-large' : 'application/x-bom';
      const referrer = manifestOf({ artifactType, config: descriptor(emptyConfig), layers: [], subject, annotations });
      await put('team/long', referrer.digest, referrer);
      pushed.push(referrer.digest);
    }
    const headers = await bearer('repository:team/long:pull');
    const found: { digest: string; artifactType: string }[] = [];
    for (let path: string | undefined = `/v2/team/long/referrers/${subject.digest}`; path !== undefined; ) {
      const answer = await send(berth.url, path, { headers });
      expect([answer.status, answer.headers['content-length']]).toEqual([200, String(answer.body.length)]);
      expect(answer.body.length).toBeLessThanOrEqual(4 * MiB);
      const head = await send(berth.url, path, { headers, method: 'HEAD' });
      expect([head.status, head.body.length]).toEqual([200, 0]);
      for (const name of ['content-length', 'content-type', 'link'])
        expect(head.headers[name]).toBe(answer.headers[name]);
      expect(jsonOf(answer).manifests.length).toBeGreaterThan(0);
      found.push(...jsonOf(answer).manifests);
      path = nextOf(answer);
    }
    expect(found.map(({ digest }) => digest)).toEqual([...pushed].sort());
    const boms = `/v2/team/long/referrers/${subject.digest}?artifactType=application/x-bom`;
    expect(await walk(boms, 'manifests', headers)).toEqual(
      found.filter(({ artifactType }) => artifactType === 'application/x-bom'),
    );
  });

  test('T13 B83 the catalogue shows what may be pulled, page by page, and nobody else sees it', async () => {
    const admin = await RegistryClient.open(berth.url, berth.admin);
    await admin.pushBlob('hidden/app', emptyConfig);
    for (const name of ['team/cat', 'team/cat2', 'team/cat-3']) await client.pushBlob(name, emptyConfig);
    const headers = await bearer('registry:catalog:*');
    const all = await walk('/v2/_catalog', 'repositories', headers);
    expect(all).toEqual([...all].sort());
    expect(all).toEqual(expect.arrayContaining(['team/cat', 'team/cat-3', 'team/cat2']));
    expect(all).not.toContain('hidden/app');
    expect(await walk('/v2/_catalog?n=1', 'repositories', headers)).toEqual(all);
    expect((await send(berth.url, '/v2/_catalog')).status).toBe(401);
    expect((await send(berth.url, '/v2/_catalog', { headers: await bearer('repository:team/cat:pull') })).status).toBe(
      401,
    );
  });
});
