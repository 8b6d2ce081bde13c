import { type Berth, startBerth } from '../support/berth.js';
import { openConsole } from '../support/console-session.js';
import type { Answer } from '../support/http.js';
import { type Content, content, descriptor, json, KiB, MiB, types } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const name = 'team/heavy';
const api = `/api/v1/repositories/${encodeURIComponent(name)}`;
const layer = content(types.layer, Buffer.from('layer'));
const plain = { os: 'linux', architecture: 'amd64' };
const keyed = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));
const hostile = '"<&\u0001'.repeat(250_000);

let berth: Berth;
let registry: RegistryClient;
let page: (path: string) => Promise<Answer>;

beforeAll(async () => {
  berth = await startBerth();
  registry = await RegistryClient.open(berth.url, berth.admin);
  page = await openConsole(berth);
  await registry.pushBlob(name, layer);
});

afterAll(() => berth.stop());

async function push(tag: string, configured: unknown, more: object, layers: readonly object[] = [descriptor(layer)]) {
  const config = content(types.config, Buffer.from(JSON.stringify(configured)));
  await registry.pushBlob(name, config);
  const body = { schemaVersion: 2, mediaType: types.manifest, config: descriptor(config), layers, ...more };
  const manifest = json(types.manifest, body);
  const answer = await registry.putManifest(name, tag, manifest);
  if (answer.status !== 201) throw new Error(`the push answered ${answer.status}: ${answer.body}`);
  return { config, manifest };
}

/** Of an image that was pushed: the answers about it, each of a size that does not follow what was pushed. */
async function shown(tag: string, { config, manifest }: { readonly config: Content; readonly manifest: Content }) {
  const { status, body } = await berth.api('GET', `${api}/tags/${tag}`);
  expect(status).toBe(200);
  expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(MiB);
  const byDigest = await page(`/r/${name}/-/m/${manifest.digest}`);
  const html = await page(`/r/${name}/-/t/${tag}`);
  for (const answer of [byDigest, html]) {
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBeLessThanOrEqual(256 * KiB);
  }
  const [, configUrl = ''] = /href="(\/api[^"]+\/config)"/.exec(html.body.toString()) ?? [];
  if (configUrl !== '') expect((await page(configUrl)).body.equals(config.bytes)).toBe(true);
  expect((await page(`/r/${name}/-/m/${manifest.digest}/raw`)).body.equals(manifest.bytes)).toBe(true);
  expect((await page('/healthz')).status).toBe(200);
  return { body, html: html.body.toString(), configUrl };
}

describe('what is shown of an image does not follow what was pushed', () => {
  test('26,000 layers, each with a step of history', async () => {
    const layers = Array.from({ length: 26_000 }, () => descriptor(layer));
    const pushed = await push('layers', { ...plain, history: layers.map(() => ({ created_by: 'RUN x' })) }, {}, layers);
    const { body, html } = await shown('layers', pushed);
    expect([body.layers.length, body.counts.layers]).toEqual([200, 26_000]);
    expect([body.config.history.length, body.config.counts.history]).toEqual([200, 26_000]);
    expect(html).toMatch(/The first \d+ of 26,000\./);
  });

  test('345,000 steps of history', async () => {
    const pushed = await push('history', { ...plain, history: Array.from({ length: 345_000 }, () => ({})) }, {});
    const { body, html, configUrl } = await shown('history', pushed);
    expect(body.config.counts.history).toBe(345_000);
    expect(body.platforms).toEqual(['linux/amd64']);
    expect(html).toContain('of 345,000.');
    expect(configUrl).not.toBe('');
  });

  test('70,000 labels, 70,000 variables, 2,000 ports', async () => {
    const Env = Array.from({ length: 30_000 }, (_, i) => `E${i}=x`);
    const config = { Labels: keyed(40_000, 'x'), Env, ExposedPorts: keyed(2_000, '') };
    const { body, html } = await shown('labels', await push('labels', { ...plain, config }, {}));
    expect(body.config.counts).toMatchObject({ labels: 40_000, env: 30_000, ports: 2_000 });
    expect(html).toContain('of 40,000.');
    expect(html).toContain('of 30,000.');
  });

  test('texts as long as the document, of what grows when it is escaped', async () => {
    const most = hostile.slice(0, 50_000);
    const config = { Labels: { [most]: most }, Env: [`A=${most}`], User: most, Cmd: [most], WorkingDir: most };
    const document = { ...plain, author: most, config, history: [{ created_by: `RUN ${most}` }] };
    const annotations = {
      ...keyed(1_000, hostile.slice(0, 400)),
      [hostile.slice(0, 90_000)]: hostile.slice(0, 90_000),
    };
    const { body } = await shown('texts', await push('texts', document, { annotations }));
    expect(body.config.user).toHaveLength(4096);
    expect(body.config.user.endsWith('…')).toBe(true);
    expect(body.counts.annotations).toBe(1_001);
  });

  test('everything at once', async () => {
    const text = hostile.slice(0, 4_000);
    const many = Array.from({ length: 40 }, (_, i) => `${i}${text}`);
    const notes = Object.fromEntries(many.map((value) => [value, value]));
    const config = { Labels: notes, Env: many, Cmd: many, Entrypoint: many, Volumes: notes, ExposedPorts: notes };
    const small = { ...plain, config: { ...config, Volumes: {}, ExposedPorts: {}, Labels: {} } };
    const history = Array.from({ length: 150 }, () => ({ created_by: '"'.repeat(2_000) }));
    const layers = Array.from({ length: 150 }, () => ({
      ...descriptor(layer),
      mediaType: `${hostile.slice(0, 5_000)}`,
    }));
    await shown('all', await push('all', { ...small, history }, { annotations: notes }, layers));
    await shown(
      'most',
      await push('most', { ...plain, config: { ...config, Env: [], Cmd: [] } }, { annotations: notes }),
    );
  });

  test('many that refer to it, each with annotations of a megabyte', async () => {
    const pushed = await push('subject', plain, {});
    const subject = descriptor(pushed.manifest);
    for (let i = 0; i < 8; i++)
      await push(`s${i}`, plain, { subject, annotations: { i: `${i}`, long: 'x'.repeat(MiB) } });
    for (let i = 0; i < 120; i++) await push(`t${i}`, plain, { subject, annotations: { i: `${i}` } });
    const { body } = await shown('subject', pushed);
    expect([body.referrers.length, body.hasMoreReferrers]).toEqual([100, true]);
  });

  test('an index of 13,500 platforms', async () => {
    const { manifest, config } = await push('child', plain, {});
    const child = descriptor(manifest);
    const manifests = Array.from({ length: 13_500 }, (_, i) => ({
      ...child,
      platform: { os: 'linux', architecture: i % 2 ? `a"<&${i}` : 'unknown', variant: 'x'.repeat(20) },
    }));
    const index = json(types.index, { schemaVersion: 2, mediaType: types.index, manifests });
    expect((await registry.putManifest(name, 'index', index)).status).toBe(201);
    const { body } = await shown('index', { config, manifest: index });
    expect([body.counts.manifests, body.children.length + body.attestations.length]).toEqual([13_500, 200]);
    expect((await page(`/r/${name}/-/t/index/delete`)).body.length).toBeLessThan(256 * KiB);
  });
});

describe('a manifest made to be hard to read', () => {
  test.each([
    ['nested', `${'['.repeat(500_000)}${']'.repeat(500_000)}`, 400],
    ['of a million values', `[${Array(1_000_000).fill('{}').join()}]`, 400],
    ['of one long text', JSON.stringify('x'.repeat(3 * MiB)), 201],
  ])('%s', async (_name, member, status) => {
    const { manifest } = await push('plain', plain, {});
    const bytes = Buffer.from(manifest.bytes.toString().replace(/}$/, `,"x":${member}}`));
    expect((await registry.putManifest(name, 'hard', content(types.manifest, bytes))).status).toBe(status);
  });
});
