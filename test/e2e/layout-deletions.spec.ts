import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { buildImage, buildIndex, content, KiB, randomBytesOf } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';

const layer = (seed: string) => ({ seed, layers: [3 * KiB, 5 * KiB] });
const kept = buildImage(layer('kept'));
const deleted = buildImage(layer('deleted'));
const before = buildImage(layer('before'));
const multi = buildIndex(layer('multi'));
const loose = content('application/octet-stream', randomBytesOf('loose', KiB));

requireTool('docker-registry')('a volume from which CNCF Distribution deleted something', () => {
  let directory: string;
  let distribution: DockerRegistry;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-volume-'));
    distribution = await startDockerRegistry(undefined, directory);
  });
  afterEach(async () => {
    await distribution.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test.each<[string, readonly string[] | undefined]>([
    ['and collected no garbage yet', undefined],
    ['and collected the garbage', []],
    ['and collected the garbage and what has no tag', ['--delete-untagged']],
  ])(
    '%s is adopted without a word',
    async (_, collected) => {
      const theirs = await RegistryClient.open(distribution.url);
      await theirs.push('app', 'kept', kept);
      for (const tag of ['1.0', 'latest']) await theirs.push('app', tag, deleted);
      // What an index holds has no tag, and Distribution collects it.
      const whole = collected?.length !== 1;
      if (whole) await theirs.push('app', 'multi', multi);
      await theirs.push('moved', 'tag', before);
      await theirs.push('moved', 'tag', kept);
      await theirs.push('all/gone', '1.0', deleted);
      await theirs.pushBlob('app', loose);
      const gone = ['app', 'all/gone'].map((name) => [name, `manifests/${deleted.manifest.digest}`] as const);
      for (const [name, path] of [...gone, ['app', `blobs/${loose.digest}`] as const]) {
        expect((await theirs.request(name, path, { method: 'DELETE' })).status).toBe(202);
      }
      if (collected !== undefined) await distribution.collectGarbage(...collected);

      expect(await berth(['reindex', '--data-dir', directory])).toMatchObject({ code: 0, stdout: '' });
      const server = await startBerth({ dataDir: directory });
      const client = await RegistryClient.open(server.url, server.admin);
      expect(await client.pull('app', 'kept')).toBe(kept.manifest.digest);
      if (whole) expect(await client.pull('app', 'multi')).toBe(multi.manifest.digest);
      expect(await client.pull('moved', 'tag')).toBe(kept.manifest.digest);
      for (const reference of ['1.0', 'latest', deleted.manifest.digest]) {
        expect((await client.getManifest('app', reference)).status).toBe(404);
      }
      expect((await client.getManifest('all/gone', '1.0')).status).toBe(404);
      expect(await client.hasBlob('app', loose.digest)).toBe(false);
      expect((await berth(['fsck', '--data-dir', directory])).code).toBe(0);
      await server.stop();
    },
    120_000,
  );

  test('an image that lost a layer with it is told', async () => {
    const theirs = await RegistryClient.open(distribution.url);
    await theirs.push('app', 'kept', kept);
    await theirs.push('app', '1.0', deleted);
    const [lost] = kept.layers;
    expect((await theirs.request('app', `blobs/${lost?.digest}`, { method: 'DELETE' })).status).toBe(202);
    const { code, stdout } = await berth(['reindex', '--data-dir', directory, '--output', 'json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      3,
      [
        {
          path: expect.stringContaining('/app/_manifests/revisions/'),
          reason: expect.stringContaining(`${lost?.digest}`),
        },
        { path: expect.stringContaining('/app/_manifests/tags/kept'), reason: expect.stringContaining('not an image') },
      ],
    ]);
  }, 120_000);
});
