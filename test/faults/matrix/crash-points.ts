import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { type Berth, startBerth } from '../../support/berth.js';
import { type BuiltImage, buildImage, type Content } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { blobFile } from '../../support/stored-files.js';
import { traced } from '../../support/strace.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, times } from './fault.js';

/** What is done when the process dies. */
interface Scene {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly image: BuiltImage;
  readonly layer: Content;
  /** Of the open session that has no bytes yet. */
  readonly location: string;
  readonly dataDir: string;
}

interface CrashPoint {
  readonly name: string;
  readonly act: Act;
  /** The process is killed before its first such call on that file; without a call, once the client has the answer. */
  readonly calls?: string;
  readonly file?: (scene: Scene) => string;
}

type Act = keyof typeof acts;

/** Each answers the status; what the client was told is then held against what is there. */
const acts = {
  blob: async ({ client, repository, location, layer }: Scene) => {
    const written = await client.append(repository, location, layer.bytes);
    if (written.status !== 202) return written.status;
    return (await client.finishUpload(repository, written.location, layer.digest)).status;
  },
  manifest: async ({ client, repository, image }: Scene) =>
    (await client.putManifest(repository, 'new', image.manifest)).status,
  move: async ({ client, repository, image }: Scene) =>
    (await client.putManifest(repository, 'moving', image.manifest)).status,
  untag: async ({ client, repository }: Scene) =>
    (await client.request(repository, 'manifests/going', { method: 'DELETE', actions: 'delete' })).status,
  remove: async ({ client, repository, image }: Scene) => {
    const path = `manifests/${image.manifest.digest}`;
    return (await client.request(repository, path, { method: 'DELETE', actions: 'delete' })).status;
  },
};

const spool = ({ dataDir, location }: Scene) =>
  join(dataDir, 'uploads', new URL(location, 'http://berth').pathname.split('/').at(-1) ?? '');
const sealed = (scene: Scene) => `${spool(scene)}.sealed`;
const data = ({ dataDir, layer }: Scene) => blobFile(dataDir, layer.digest);
const folder = (scene: Scene) => dirname(data(scene));
const log = ({ dataDir }: Scene) => join(dataDir, 'berth.db-wal');
const writes = 'write,writev,pwrite64,pwritev,pwritev2';

const points: readonly CrashPoint[] = [
  { name: 'bytes not written', act: 'blob', calls: writes, file: spool },
  { name: 'bytes not synced', act: 'blob', calls: 'fdatasync,fsync', file: spool },
  { name: 'directory not made', act: 'blob', calls: 'mkdir,mkdirat', file: folder },
  { name: 'blob not named', act: 'blob', calls: 'rename,renameat,renameat2', file: sealed },
  { name: 'name not synced', act: 'blob', calls: 'fdatasync,fsync', file: folder },
  { name: 'row of the blob not written', act: 'blob', calls: writes, file: log },
  { name: 'row of the blob not synced', act: 'blob', calls: 'fdatasync', file: log },
  { name: 'blob acknowledged', act: 'blob' },
  { name: 'manifest not written', act: 'manifest', calls: writes, file: log },
  { name: 'manifest not synced', act: 'manifest', calls: 'fdatasync', file: log },
  { name: 'tag move not synced', act: 'move', calls: 'fdatasync', file: log },
  { name: 'deletion of a tag not synced', act: 'untag', calls: 'fdatasync', file: log },
  { name: 'deletion of a manifest not synced', act: 'remove', calls: 'fdatasync', file: log },
];

/** Bytes of the layer: one of less than a block, and one of several. */
const sizes = [150_000, 2_600_001];

/** A repository with everything in it that the acts need. */
async function prepare(
  berth: Berth,
  repository: string,
  size: number,
): Promise<Scene & { readonly before: BuiltImage }> {
  const client = await RegistryClient.open(berth.url, berth.admin);
  await Promise.all([client.token(`repository:${repository}:delete`), client.token(`repository:${repository}:pull`)]);
  const before = buildImage({ seed: `${repository} before`, layers: [3_000] });
  await client.push(repository, 'moving', before);
  await client.push(repository, 'going', before);
  const image = buildImage({ seed: repository, layers: [size] });
  const [layer] = image.layers;
  assert.ok(layer);
  const { location } = await client.startUpload(repository);
  return { client, repository, image, layer, location, dataDir: berth.dataDir, before };
}

/** Kills the process at the point. True when the client had its answer by then. */
async function crash(berth: Berth, point: CrashPoint, scene: Scene): Promise<boolean> {
  const status = () => acts[point.act](scene).catch(() => undefined);
  if (point.calls === undefined) {
    const answered = await status();
    await berth.kill();
    return answered === 201 || answered === 202;
  }
  const inject = `inject=${point.calls}:signal=SIGKILL:when=1`;
  const parameters = ['-P', point.file?.(scene) ?? '', '-e', `trace=${point.calls}`, '-e', inject];
  const answered = await traced(berth.pid, parameters, async () => {
    const said = await status();
    await berth.kill();
    return said;
  });
  assert.equal(answered, undefined, `${point.name}: the process did not come by (${answered})`);
  return false;
}

async function run(
  berth: Berth,
  point: CrashPoint,
  repository: string,
  size: number,
  kept: Acknowledged,
): Promise<void> {
  const scene = await prepare(berth, repository, size);
  const { client, image, layer, before } = scene;
  if (point.act !== 'blob') await client.push(repository, point.act === 'manifest' ? 'old' : 'target', image);
  kept.add(repository, before.manifest.digest, before);
  const acknowledged = await crash(berth, point, scene);
  await berth.restart();

  await expectSound(berth.dataDir);
  const there = await client.hasBlob(repository, layer.digest);
  if (acknowledged) assert.ok(there);
  if (there) assert.ok((await client.getBlob(repository, layer.digest)).body.equals(layer.bytes));
  for (const tag of ['new', 'moving', 'going']) {
    const { status } = await client.getManifest(repository, tag);
    if (status === 200) await client.pull(repository, tag);
    else assert.deepEqual([status, tag !== 'moving'], [404, true]);
  }
  await client.push(repository, 'new', image);
  await client.push(repository, 'moving', image);
  kept.add(repository, 'new', image);
  kept.add(repository, 'moving', image);
  await kept.expectPullable(berth, 3);
}

export const crashPoints: Fault = {
  id: 'F2',
  title: `kill -9 at ${points.length} points of pushes, tag moves and deletions`,
  tools: ['strace'],
  async run(full) {
    const berth = await startBerth();
    const kept = new Acknowledged();
    const runs = full ? 20 : 1;
    await times(runs, async (round) => {
      for (const [index, point] of points.entries()) {
        await run(berth, point, `crash/${index}-${round}`, sizes[(index + round) % 2] ?? 0, kept);
      }
    });
    await kept.expectPullable(berth);
    await berth.stop();
    return `${runs * points.length} runs, ${kept.count} acknowledged, 0 lost, fsck clean each time`;
  },
};
