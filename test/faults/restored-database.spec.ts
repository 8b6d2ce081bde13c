import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { buildImage, KiB } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';

const image = buildImage({ seed: 'restored', layers: [2 * KiB] });
const patienceMs = 120_000;

let berth: Berth;
afterEach(async () => {
  await berth.stop();
  await rm(berth.dataDir, { recursive: true, force: true });
});

const consumers = async () => (await berth.api('GET', '/readyz', undefined, null)).body.consumers;
const link = (tag: string) =>
  join(berth.dataDir, 'docker/registry/v2/repositories/team/app/_manifests/tags', tag, 'current/link');
const linked = async (tag: string) => (await readFile(link(tag), 'utf8').catch(() => '')) === image.manifest.digest;
const inLayout = (tag: string) => until(`${tag} in the layout`, () => linked(tag), 60_000);

it(
  'a database that was restored from a backup is noticed, and what follows it looks at everything anew',
  async () => {
    berth = await startBerth({ dataDir: await mkdtemp(join(tmpdir(), 'berth-restored-')) });
    const client = await RegistryClient.open(berth.url, berth.admin);
    await client.push('team/app', 'before', image);
    await inLayout('before');
    await until('the layout has followed', async () => (await consumers()).layout.lag === 0);
    expect((await consumers()).layout).toEqual({ lag: 0, parked: 0, failures: 0 });
    await berth.stop();
    const backup = join(berth.dataDir, 'backup.db');
    await copyFile(join(berth.dataDir, 'berth.db'), backup);

    await berth.restart();
    await client.putManifest('team/app', 'after', image.manifest);
    await inLayout('after');
    await berth.stop();
    // Nothing says that this is gone: only who looks at everything writes it again.
    await rm(link('before'));
    await copyFile(backup, join(berth.dataDir, 'berth.db'));
    for (const end of ['-wal', '-shm']) await rm(join(berth.dataDir, `berth.db${end}`), { force: true });

    await berth.restart();
    await inLayout('before');
    expect((await client.getManifest('team/app', 'after')).status).toBe(404);
  },
  patienceMs,
);

it(
  'a start without anything amiss writes nothing again',
  async () => {
    berth = await startBerth({ dataDir: await mkdtemp(join(tmpdir(), 'berth-restored-')) });
    const client = await RegistryClient.open(berth.url, berth.admin);
    await client.push('team/app', 'one', image);
    await inLayout('one');
    await until('the layout has followed', async () => (await consumers()).layout.lag === 0);
    await berth.kill();
    await rm(link('one'));
    await berth.restart();
    await client.putManifest('team/app', 'two', image.manifest);
    await inLayout('two');
    expect(await linked('one')).toBe(false);
  },
  patienceMs,
);
