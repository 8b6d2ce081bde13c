import { randomBytes } from 'node:crypto';
import { type Berth, startBerth } from '../support/berth.js';
import { buildImage } from '../support/images.js';
import { addSignedIn, grant } from '../support/people.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;
const tokens: Record<string, string> = {};
const image = buildImage({ seed: 'counted', layers: [1000] });
const { config, layers } = JSON.parse(image.manifest.bytes.toString());
const bytes: number = config.size + layers[0].size;
const key = randomBytes(32).toString('base64');

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_SECRET_KEY: key } });
  for (const [name, pattern] of Object.entries({ reader: 'team/*', stranger: 'none/*' })) {
    tokens[name] = await addSignedIn(berth, name, { [pattern]: ['pull'] });
  }
  const registry = await RegistryClient.open(berth.url, berth.admin);
  await registry.push('team/app', 'v1', image);
  await registry.push('team/app', 'v2', image);
  await registry.push('team/other', 'v1', image);
  await registry.push('secret/app', 'v1', buildImage({ seed: 'secret', layers: [500] }));
  for (let pull = 0; pull < 3; pull++) await registry.getManifest('team/app', 'v1');
});
afterAll(() => berth.stop());

const stats = (token?: string | null) => berth.api('GET', '/api/v1/stats', undefined, token);
const nothing = { repositories: 0, tags: 0, size: 0, recentPushes: [] };

describe('statistics', () => {
  test('count what the asker may pull, each blob once', async () => {
    await until('the pulls are counted', async () => (await stats(tokens.reader)).body.days.at(-1).pulls === 3);
    const { status, body } = await stats(tokens.reader);
    expect(status).toBe(200);
    expect(body).toMatchObject({ repositories: 2, tags: 3, size: bytes });
    expect(body.days).toHaveLength(30);
    expect(body.days.at(-1)).toEqual({ day: new Date().toISOString().slice(0, 10), pulls: 3, pushes: 3 });
    expect(body.recentPushes.map(({ repository }: { repository: string }) => repository)).toEqual([
      'team/other',
      'team/app',
      'team/app',
    ]);
    expect(body.recentPushes[0]).toEqual({
      repository: 'team/other',
      reference: 'v1',
      digest: image.manifest.digest,
      at: expect.any(String),
      actor: { kind: 'user', name: 'admin' },
    });
  });

  test('are all for an administrator and nothing for a stranger', async () => {
    expect((await stats()).body).toMatchObject({ repositories: 3, tags: 4, days: expect.any(Array) });
    expect((await stats(tokens.stranger)).body).toMatchObject(nothing);
    expect((await stats(null)).status).toBe(401);
  });

  test('grow and shrink with what is granted, on the next request', async () => {
    const revoke = await grant(berth, 'stranger', 'secret/app', ['pull']);
    expect((await stats(tokens.stranger)).body).toMatchObject({ repositories: 1, tags: 1 });
    await revoke();
    expect((await stats(tokens.stranger)).body).toMatchObject(nothing);
  });

  test('are no more than a narrowed token is for', async () => {
    const scopes = [{ pattern: 'team/other', actions: ['pull'] }];
    const { body } = await berth.api('POST', '/api/v1/tokens', { name: 'narrow', scopes }, tokens.reader);
    expect((await stats(body.secret)).body).toMatchObject({ repositories: 1, tags: 1 });
  });
});

describe('activity', () => {
  const pushes = async (token: string | undefined) =>
    (await stats(token)).body.recentPushes.map(
      ({ repository, reference }: Record<string, string>) => `${repository}:${reference}`,
    );

  test('goes with a repository to its new name, and what bore the name before shows nothing there', async () => {
    const registry = await RegistryClient.open(berth.url, berth.admin);
    tokens.heir = await addSignedIn(berth, 'heir', { 'hidden/n': ['pull'] });
    await registry.push('old/one', 'mine', image);
    await registry.push('hidden/n', 'not-yours', image);
    for (let pull = 0; pull < 5; pull++) await registry.getManifest('hidden/n', 'not-yours');
    await until('the pulls are counted', async () => (await stats(tokens.heir)).body.days.at(-1).pulls === 5);
    expect((await berth.api('DELETE', '/api/v1/repositories/hidden%2Fn')).status).toBe(204);
    expect(await pushes(tokens.heir)).toEqual([]);
    await berth.api('PATCH', '/api/v1/repositories/old%2Fone', { name: 'hidden/n' });
    // The right on the name may end with what bore it.
    await berth.api('POST', '/api/v1/permissions', {
      subject: { type: 'user', name: 'heir' },
      pattern: 'hidden/*',
      actions: ['pull'],
    });
    expect(await pushes(tokens.heir)).toEqual(['hidden/n:mine']);
    expect((await stats(tokens.heir)).body.days.at(-1)).toMatchObject({ pulls: 0, pushes: 1 });
    const { body } = await berth.api('GET', '/api/v1/audit?resource=hidden/n&action=push');
    expect(body.items.map(({ reference }: { reference: string }) => reference)).toEqual(['not-yours']);
  });
});

describe('the installation', () => {
  const info = (token?: string | null) => berth.api('GET', '/api/v1/system/info', undefined, token);

  test('is described to an administrator', async () => {
    const { status, body } = await info();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: expect.stringMatching(/^v\d+\./),
      counts: { users: 4, repositories: 4, tags: 5, manifests: 4 },
      settings: { deleteEnabled: true, maxBlobBytes: null },
    });
    for (const size of ['freeBytes', 'totalBytes', 'blobBytes', 'databaseBytes'])
      expect(body.dataDirectory[size]).toBeGreaterThan(0);
    expect(Date.parse(body.startedAt)).toBeLessThanOrEqual(Date.now());
  });

  test('with nothing secret', async () => {
    const text = JSON.stringify((await info()).body);
    for (const secret of [berth.admin.password, key, '$scrypt', 'assword']) expect(text).not.toContain(secret);
  });

  test('and to nobody else', async () => {
    expect((await info(tokens.reader)).status).toBe(403);
    expect((await info(null)).status).toBe(401);
  });
});

describe('the settings', () => {
  const settings = (token?: string | null) => berth.api('GET', '/api/v1/system/settings', undefined, token);

  test('are what an administrator’s server works with, and secrets only that they are set', async () => {
    const { status, body } = await settings();
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['startedAt', 'items']);
    expect(body.startedAt).toBe((await berth.api('GET', '/api/v1/system/info')).body.startedAt);
    expect(body.items).toEqual(
      expect.arrayContaining([
        { name: 'BERTH_DATA_DIR', value: berth.dataDir, source: 'BERTH_DATA_DIR' },
        { name: 'BERTH_TITLE', value: 'Berth', source: 'the default' },
        { name: 'BERTH_PUBLIC_URL', value: null, source: "the request's own address" },
        { name: 'BERTH_SECRET_KEY', value: '***', source: 'BERTH_SECRET_KEY' },
        { name: 'BERTH_ADMIN_PASSWORD', value: '***', source: 'BERTH_ADMIN_PASSWORD' },
      ]),
    );
    for (const secret of [berth.admin.password, key]) expect(JSON.stringify(body)).not.toContain(secret);
  });

  test('are shown to nobody else', async () => {
    expect((await settings(tokens.reader)).status).toBe(403);
    expect((await settings(null)).status).toBe(401);
  });
});
