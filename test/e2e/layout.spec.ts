import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { startDockerRegistry } from '../support/docker-registry.js';
import { type Built, blobsOf, buildImage, buildIndex, type Content, KiB } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';
import { requireTool } from '../support/tools.js';

/** Programs are started and ended many times in each of these tests. */
const patienceMs = 120_000;
const minuteMs = 60_000;

const layer = (seed: string) => ({ seed, layers: [3 * KiB, 5 * KiB] });
const app = buildImage(layer('app'));
const next = buildImage(layer('next'));
const multi = buildIndex(layer('multi'));

/** What is pushed: names with and without slashes, one inside another, and one image under two tags. */
const pushed: readonly (readonly [repository: string, tag: string, image: Built])[] = [
  ['app', '1.0', app],
  ['app', 'latest', next],
  ['app/inside', 'v1', app],
  ['team/multi', 'all', multi],
  ['team/multi', 'same', multi],
];

async function pushAll(client: RegistryClient): Promise<void> {
  for (const [repository, tag, image] of pushed) await client.push(repository, tag, image);
}

/** Pulls everything, which compares every byte with its digest. */
async function expectAll(client: RegistryClient): Promise<void> {
  for (const [repository, tag, image] of pushed) {
    expect([repository, tag, await client.pull(repository, tag)]).toEqual([repository, tag, image.manifest.digest]);
  }
}

/** What a link of the layout says, if it is there. */
function linkOf(directory: string, folder: string): Promise<string | undefined> {
  return readFile(join(directory, 'docker/registry/v2/repositories', folder, 'link'), 'utf8').catch(() => undefined);
}

const volumes: string[] = [];
async function volume(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-volume-'));
  volumes.push(directory);
  return directory;
}
afterAll(() => Promise.all(volumes.map((directory) => rm(directory, { recursive: true, force: true }))));

/** Every file of the blobs by inode and time of change: a copy would have others. */
async function blobFiles(directory: string): Promise<string[]> {
  const folder = join(directory, 'docker/registry/v2/blobs');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => {
      const { ino, mtimeMs, size } = await stat(file);
      return `${file} ${ino} ${mtimeMs} ${size}`;
    }),
  );
}

requireTool('docker-registry')('a volume of CNCF Distribution', () => {
  let directory: string;
  let before: string[];
  beforeEach(async () => {
    directory = await volume();
    const distribution = await startDockerRegistry(undefined, directory);
    await pushAll(await RegistryClient.open(distribution.url));
    await distribution.stop();
    before = await blobFiles(directory);
  }, patienceMs);

  test(
    'is adopted without a copy before Berth ever ran on it',
    async () => {
      const reindexed = await berth(['reindex', '--data-dir', directory]);
      expect(reindexed).toMatchObject({ code: 0, stdout: '' });
      expect(reindexed.stderr).toContain('3 repositories, 6 manifests, 5 tags');
      const server = await startBerth({ dataDir: directory });
      await expectAll(await RegistryClient.open(server.url, server.admin));
      expect(await blobFiles(directory)).toEqual(before);
      await server.stop();
    },
    patienceMs,
  );

  test(
    'is adopted while Berth runs on it, twice if need be',
    async () => {
      const server = await startBerth({ dataDir: directory });
      const client = await RegistryClient.open(server.url, server.admin);
      expect((await client.getManifest('app', '1.0')).status).toBe(404); // and remembered as missing
      for (let time = 0; time < 2; time++) expect((await berth(['reindex', '--data-dir', directory])).code).toBe(0);
      await expectAll(client);
      expect((await server.api('GET', '/api/v1/repositories/app%2Finside')).body).toMatchObject({
        visibility: 'private',
      });
      expect((await server.api('GET', '/api/v1/system/layout')).body).toMatchObject({
        task: { kind: 'reindex', state: 'done', skipped: 0 },
      });
      expect(await blobFiles(directory)).toEqual(before);
      expect((await berth(['fsck', '--data-dir', directory])).code).toBe(0);
      await server.stop();
    },
    patienceMs,
  );

  test(
    'what is wrong in it is told and left out, the rest is adopted',
    async () => {
      const repositories = join(directory, 'docker/registry/v2/repositories');
      const link = async (path: string, text: string) => {
        await mkdir(join(repositories, path), { recursive: true });
        await writeFile(join(repositories, path, 'link'), text);
      };
      const hex = 'ab'.repeat(32);
      await link('UPPER/_layers/sha256/1', 'x');
      await link(`app/_manifests/tags/..x/current`, `sha256:${hex}`);
      await link('app/_manifests/tags/garbage/current', '\u001b[31m');
      await link('app/_manifests/tags/dangling/current', `sha256:${hex}`);
      await link(`app/_manifests/revisions/sha256/${hex}`, `sha256:${hex}`);
      await link(`app/_layers/sha256/${hex}`, `sha256:${hex}`);
      await link(`app/_layers/sha256/${'cd'.repeat(32)}`, `sha256:${hex}`);
      await link(`app/_layers/md5/${'cd'.repeat(16)}`, 'md5');
      await link(`app/_manifests/tags/large/current`, 'x'.repeat(10_000));
      await symlink('/etc', join(repositories, 'outside'));
      await symlink(join(repositories, 'app'), join(repositories, 'alias'));
      const { code, stdout, stderr } = await berth(['reindex', '--data-dir', directory, '--output', 'json']);
      expect([code, stderr]).toEqual([3, expect.stringContaining('10 left out, the rest is done')]);
      const problems = JSON.parse(stdout) as { path: string; reason: string }[];
      const found = problems.map(({ path, reason }) => `${path.split('/').slice(-3).join('/')}: ${reason}`).sort();
      expect(found.join('\n')).not.toContain('\u001b');
      expect(found).toHaveLength(10);
      const server = await startBerth({ dataDir: directory });
      await expectAll(await RegistryClient.open(server.url, server.admin));
      const { body } = await server.api('GET', '/api/v1/repositories?limit=100');
      expect(body.items.map(({ name }: { name: string }) => name).sort()).toEqual(['app', 'app/inside', 'team/multi']);
      await server.stop();
    },
    patienceMs,
  );
});

describe('the layout of a running Berth', () => {
  let server: Berth;
  let client: RegistryClient;
  beforeEach(async () => {
    server = await startBerth({ dataDir: await volume() });
    client = await RegistryClient.open(server.url, server.admin);
    await pushAll(client);
  });
  afterEach(() => server.stop());
  const here = (...args: string[]) => berth([...args, '--data-dir', server.dataDir]);

  test(
    'brings the images back when the database is lost; accounts are gone',
    async () => {
      await server.api('POST', '/api/v1/users', { username: 'ann', password: 'gone-with-the-database' });
      expect(await here('layout', 'sync')).toMatchObject({ code: 0, stdout: '' });
      await server.stop();
      for (const end of ['', '-wal', '-shm']) await rm(join(server.dataDir, `berth.db${end}`), { force: true });
      expect((await here('reindex')).code).toBe(0);
      await server.restart();
      await expectAll(await RegistryClient.open(server.url, server.admin));
      const again = await server.signIn('admin', server.admin.password);
      expect((await server.api('GET', '/api/v1/users/ann', undefined, again)).status).toBe(404);
      expect((await here('fsck')).code).toBe(0);
    },
    patienceMs,
  );

  test(
    'follows within a minute, without being asked: manifests, tags, links, and what is gone',
    async () => {
      const follows = (what: string, files: Record<string, string | undefined>) =>
        until(
          what,
          async () => {
            const texts = Object.keys(files).map((file) => linkOf(server.dataDir, file));
            return isDeepStrictEqual(await Promise.all(texts), Object.values(files));
          },
          minuteMs,
          100,
        );
      const tags = 'team/late/_manifests/tags/1.0';
      const deleted = 'app/_manifests/tags/latest/current';
      const linked = (folder: string, { digest }: Content) => [
        `team/late/${folder}/${digest.replace(':', '/')}`,
        digest,
      ];

      await client.push('team/late', '1.0', app);
      const [loose] = next.layers as [Content];
      await client.pushBlob('team/late', loose);
      await follows('the push, and a blob that belongs to no image', {
        ...Object.fromEntries([linked('_layers', loose)]),
        [`${tags}/current`]: app.manifest.digest,
        [`${tags}/index/${app.manifest.digest.replace(':', '/')}`]: app.manifest.digest,
        ...Object.fromEntries([
          linked('_manifests/revisions', app.manifest),
          ...blobsOf(app).map((blob) => linked('_layers', blob)),
        ]),
      });
      expect(await readFile(blobFile(server.dataDir, app.manifest.digest))).toEqual(app.manifest.bytes);
      expect(await linkOf(server.dataDir, deleted)).toBe(next.manifest.digest);

      await client.push('team/late', '1.0', next);
      await server.api('DELETE', '/api/v1/repositories/app/tags/latest');
      await follows('the moved tag and the deleted one', {
        [`${tags}/current`]: next.manifest.digest,
        [deleted]: undefined,
      });
    },
    3 * minuteMs,
  );

  test(
    'does not bring back what was deleted a moment ago',
    async () => {
      await here('layout', 'sync');
      await server.api('DELETE', '/api/v1/repositories/app/tags/latest');
      await server.api('DELETE', '/api/v1/repositories/app%2Finside');
      expect((await here('reindex')).code).toBe(0);
      expect((await client.getManifest('app', 'latest')).status).toBe(404);
      expect((await client.getManifest('app/inside', 'v1')).status).toBe(404);
      expect(await client.pull('app', '1.0')).toBe(app.manifest.digest);
    },
    patienceMs,
  );

  test(
    'a tag points where the index says, whatever the disk says',
    async () => {
      await here('layout', 'sync');
      const tag = join(server.dataDir, 'docker/registry/v2/repositories/app/_manifests/tags/latest/current/link');
      await writeFile(tag, app.manifest.digest);
      expect((await here('reindex')).code).toBe(0);
      expect(await client.pull('app', 'latest')).toBe(next.manifest.digest);
    },
    patienceMs,
  );

  test(
    'is for administrators, and one walk at a time',
    async () => {
      const nobody = await server.api('POST', '/api/v1/system/layout:sync', undefined, null);
      expect(nobody.status).toBe(401);
      expect((await server.api('GET', '/api/v1/system/layout')).body).toEqual({ task: null });
      const answers = await Promise.all(
        ['sync', 'reindex'].map((kind) => server.api('POST', `/api/v1/system/layout:${kind}`)),
      );
      expect(answers.map(({ status }) => status)).toEqual([202, 200]);
      expect(answers[1]?.body).toEqual(answers[0]?.body);
    },
    patienceMs,
  );
});

requireTool('docker-registry')('the way out', () => {
  test.each(['running', 'stopped'])(
    'docker-registry serves what Berth left, completed with the server %s',
    async (how) => {
      const server = await startBerth({ dataDir: await volume() });
      const client = await RegistryClient.open(server.url, server.admin);
      await pushAll(client);
      if (how === 'stopped') await server.stop();
      expect((await berth(['layout', 'sync', '--data-dir', server.dataDir])).code).toBe(0);
      if (how === 'running') await server.stop();

      const distribution = await startDockerRegistry(undefined, server.dataDir);
      const theirs = await RegistryClient.open(distribution.url);
      await expectAll(theirs);
      const names = JSON.parse((await theirs.raw('/v2/_catalog')).body.toString());
      expect(names.repositories.sort()).toEqual(['app', 'app/inside', 'team/multi']);
      const tags = JSON.parse((await theirs.raw('/v2/team/multi/tags/list')).body.toString());
      expect(tags.tags.sort()).toEqual(['all', 'same']);
      await distribution.stop();
    },
  );
});
