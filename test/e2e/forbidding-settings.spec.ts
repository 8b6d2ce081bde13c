import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { allSettings } from '../../src/config/settings.js';
import { type Berth, startBerth } from '../support/berth.js';
import { berth as command } from '../support/berth-command.js';
import { send } from '../support/http.js';
import { content, descriptor, json, randomBytesOf, types } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { administrator, byBasic, type Caller } from './matrix/callers.js';
import { Objects } from './matrix/objects.js';
import { makeRequest } from './matrix/request.js';
import { allRoutes, type Route } from './matrix/routes.js';
import { nameOf } from './matrix/table.js';
import { recipes, Walker } from './matrix/walk.js';

/** Every setting that forbids something, at every door that leads to it. */
const routes = await allRoutes();

test('every switch is known here: what it forbids, or why it forbids nothing', () => {
  const switches = allSettings.filter((setting) => /^(?:true|false)$/.test(setting.default ?? ''));
  expect(switches.map(({ name }) => name).sort()).toEqual([
    'BERTH_DELETE_ENABLED',
    'BERTH_LAYOUT_MIRROR', // writes files or does not
    'BERTH_SPARSE_INDEXES',
    'BERTH_WEB_ENABLED',
  ]);
});

describe('BERTH_DELETE_ENABLED=false', () => {
  let berth: Berth;
  let objects: Objects;
  let walker: Walker;
  const callers = new Map<Route['surface'], Caller>();

  beforeAll(async () => {
    berth = await startBerth({ env: { BERTH_DELETE_ENABLED: 'false', BERTH_LAYOUT_MIRROR: 'false' } });
    objects = await Objects.prepare(berth);
    const { cookie, bearer } = await administrator(berth);
    callers.set('page', cookie).set('api', bearer).set('registry', byBasic('admin', berth.admin));
    const same = async (caller: Caller) => caller;
    walker = new Walker({ objects, callers: { again: same, another: same } });
  });
  afterAll(async () => {
    walker.end();
    await berth.stop();
  });

  /** What can be pulled, from where. */
  const pullable = (): string[] => {
    const database = new Sqlite(join(berth.dataDir, 'berth.db'), { readonly: true });
    const texts = database
      .prepare(
        `SELECT 'repository ' || id FROM repositories UNION ALL SELECT 'tag ' || repository_id || name FROM tags
         UNION ALL SELECT 'image ' || repository_id || digest FROM manifests
         UNION ALL SELECT 'blob ' || repository_id || digest FROM blob_links`,
      )
      .pluck()
      .all() as string[];
    database.close();
    return texts;
  };

  test('nothing that can be pulled goes, whatever an administrator asks of any route', async () => {
    const changing = routes.filter(({ ofRepository, method }) => ofRepository && !/^(?:GET|HEAD)$/.test(method));
    const requests = [];
    for (const route of changing) {
      const caller = callers.get(route.surface);
      if (caller === undefined) continue;
      const cell = { route, where: 'private', caller, allowed: true } as const;
      const same = async (one: Caller) => one;
      requests.push(
        await makeRequest(cell, recipes[nameOf(route)], { objects, callers: { again: same, another: same } }),
      );
    }
    const before = pullable();
    const refused: string[] = [];
    for (const request of requests) {
      const { status } = await walker.ask(request);
      if (status === 405) refused.push(nameOf(request.cell.route));
      else expect([nameOf(request.cell.route), status < 400]).toEqual([nameOf(request.cell.route), true]);
    }
    const after = new Set(pullable());
    expect(before.filter((text) => !after.has(text))).toEqual([]);
    expect(refused.sort()).toEqual([
      'DELETE /api/v1/repositories/{name}',
      'DELETE /api/v1/repositories/{name}/manifests/{digest}',
      'DELETE /api/v1/repositories/{name}/tags/{tag}',
      'DELETE /v2/{name}/blobs/{digest}',
      'DELETE /v2/{name}/manifests/{reference}',
      'POST /api/v1/repositories/{name}/tags:delete',
      'POST /r/{name}/-/m/{digest}/delete',
      'POST /r/{name}/-/remove',
      'POST /r/{name}/-/t/{tag}/delete',
    ]);
  });

  test('nor by the command on the spot', async () => {
    const before = pullable();
    for (const args of [
      ['repo', 'delete', 'private/app', '--yes'],
      ['tag', 'delete', 'private/app', objects.tag, '--yes'],
    ]) {
      const ran = await command([...args, '--data-dir', berth.dataDir]);
      expect([args[0], ran.code === 0, /switched off/.test(ran.stderr)]).toEqual([args[0], false, true]);
    }
    expect(pullable()).toEqual(before);
  });

  test.each([
    ['en', 'Deleting is switched off'],
    ['zh-CN', '已关闭删除功能'],
  ])('the console in %s says so and has no way to it', async (lang, text) => {
    const headers = (await callers.get('page')?.headers('')) ?? {};
    const page = async (path: string) => (await send(berth.url, `${path}?lang=${lang}`, { headers })).body.toString();
    const settings = await page('/r/private/app/-/settings');
    expect([settings.includes(text), settings.includes('/-/remove')]).toEqual([true, false]);
    for (const path of ['tags', `t/${objects.tag}`]) {
      expect(await page(`/r/private/app/-/${path}`)).not.toMatch(/href="[^"]*\/delete"/);
    }
  });
});

describe('BERTH_WEB_ENABLED=false', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth({ env: { BERTH_WEB_ENABLED: 'false' } });
  });
  afterAll(() => berth.stop());

  /** For programs, whatever their path looks like. */
  const elsewhere = ['/healthz', '/readyz', '/.well-known/jwks.json'];

  test('no page answers, not even to somebody with a session, and the API and the registry do', async () => {
    const answer = await send(berth.url, '/api/v1/auth/login', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(berth.admin) },
    });
    expect(answer.status).toBe(200);
    const headers = { cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
    const pages = routes.filter(({ surface, path }) => surface === 'page' && !elsewhere.includes(path));
    expect(pages.length).toBeGreaterThan(30);
    for (const { method, path } of pages) {
      const { status } = await send(berth.url, path.replaceAll(/\{\w+\}/g, 'x'), { method, headers });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
    expect((await berth.api('GET', '/api/v1/auth/me')).status).toBe(200);
    expect((await send(berth.url, '/v2/')).status).toBe(401);
  });
});

describe('sizes and what is not whole', () => {
  const large = content('application/octet-stream', randomBytesOf('large', 3_000));
  const small = content('application/vnd.oci.empty.v1+json', Buffer.from('{}'));
  const manifest = (more: object) =>
    json(types.manifest, {
      ...{ schemaVersion: 2, mediaType: types.manifest, config: descriptor(small), layers: [] },
      ...more,
    });
  const long = manifest({ annotations: { text: 'x'.repeat(3_000) } });
  const index = json('application/vnd.oci.image.index.v1+json', {
    ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' },
    manifests: [descriptor(manifest({ annotations: { not: 'here' } }))],
  });
  let loose: Berth;
  let strict: Berth;
  let adopted: string;

  beforeAll(async () => {
    loose = await startBerth({ env: { BERTH_SPARSE_INDEXES: 'true' } });
    const client = await RegistryClient.open(loose.url, loose.admin);
    await client.pushBlob('team/app', small);
    for (const [tag, one] of Object.entries({ long, index, short: manifest({}) })) {
      expect((await client.putManifest('team/app', tag, one)).status).toBe(201);
    }
    expect((await loose.api('POST', '/api/v1/system/layout:sync')).status).toBeLessThan(300);
    await untilWalked(loose);
    adopted = await mkdtemp(join(tmpdir(), 'berth-adopted-'));
    await cp(join(loose.dataDir, 'docker'), join(adopted, 'docker'), { recursive: true });
    const env = { BERTH_MAX_BLOB_BYTES: '1KiB', BERTH_MAX_MANIFEST_BYTES: '1KiB' };
    strict = await startBerth({ env, dataDir: adopted });
  }, 60_000);
  afterAll(async () => {
    await loose.stop();
    await strict.stop();
    await rm(adopted, { recursive: true });
  });

  const untilWalked = async (berth: Berth) => {
    let task: { readonly problems: readonly { readonly reason: string }[] } = { problems: [] };
    await until('the layout has been walked', async () => {
      ({ task } = (await berth.api('GET', '/api/v1/system/layout')).body);
      return JSON.stringify(task).includes('"state":"done"');
    });
    return task;
  };

  test('BERTH_MAX_BLOB_BYTES holds for every way of pushing a blob', async () => {
    const client = await RegistryClient.open(strict.url, strict.admin);
    const { bytes, digest } = large;
    const halves = [bytes.subarray(0, 800), bytes.subarray(800)] as const;
    const session = async () => (await client.startUpload('team/new')).location;
    const post = (body: Buffer | Readable) =>
      client.request('team/new', `blobs/uploads/?digest=${digest}`, { method: 'POST', body });
    const statuses = [
      await post(bytes),
      await post(Readable.from([bytes])),
      await client.append('team/new', await session(), bytes),
      await client.append('team/new', await session(), Readable.from(halves)),
      await client.finishUpload('team/new', await session(), digest, bytes),
    ].map(({ status }) => status);
    const one = await session();
    expect((await client.append('team/new', one, halves[0])).status).toBe(202);
    const second = await client.finishUpload('team/new', one, digest, halves[1]);
    expect([...statuses, second.status]).toEqual(Array.from({ length: 6 }, () => 413));
    expect(await client.hasBlob('team/new', digest)).toBe(false);
  });

  test('BERTH_MAX_MANIFEST_BYTES and BERTH_SPARSE_INDEXES hold for what is pushed and for what is taken in from files', async () => {
    const client = await RegistryClient.open(strict.url, strict.admin);
    await client.pushBlob('team/app', small);
    for (const reference of ['long', long.digest]) {
      expect((await client.putManifest('team/app', reference, long)).status).toBe(413);
    }
    const sparse = await client.putManifest('team/app', 'index', index);
    expect([sparse.status, JSON.parse(sparse.body.toString()).errors[0].code]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    expect((await strict.api('POST', '/api/v1/system/layout:reindex')).status).toBeLessThan(300);
    const reasons = (await untilWalked(strict)).problems.map(({ reason }) => reason).join('\n');
    expect(reasons).toContain('BERTH_SPARSE_INDEXES');
    const found = async (reference: string) => (await client.getManifest('team/app', reference)).status;
    expect(await Promise.all(['long', 'index', 'short'].map(found))).toEqual([404, 404, 200]);
  });
});
