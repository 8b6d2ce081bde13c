import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Berth, startBerth } from '../../support/berth.js';
import { type BuiltImage, buildImage, type Content } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { blobFile } from '../../support/stored-files.js';
import { parseTrace, type TracedCall, traced } from '../../support/strace.js';
import { type Fault, times } from './fault.js';

const repository = 'order/app';
const calls = 'trace=fdatasync,fsync,rename,renameat,renameat2,write,writev,pwrite64,pwritev,pwritev2';
/** Layers that stay in memory, of less than a block, and of several. */
const sizes = [9_000, 200_000, 3_000_003];
const isSync = ({ name, result }: TracedCall) => name.endsWith('sync') && result.startsWith('0');

/** One push at a time, so that an answer in the trace can only be that of the push. */
async function pushImage(client: RegistryClient, { config, layers, manifest }: BuiltImage, tag: string) {
  for (const blob of [config, ...layers]) {
    const { location } = await client.startUpload(repository);
    assert.equal((await client.finishUpload(repository, location, blob.digest, blob.bytes)).status, 201);
  }
  assert.equal((await client.putManifest(repository, tag, manifest)).status, 201);
}

/** Data synced, renamed, directory synced, log synced, answered: each over before the next begins. */
function checkBlob(trace: readonly TracedCall[], berth: Berth, blob: Content): void {
  const file = blobFile(berth.dataDir, blob.digest);
  const rename = trace.find(({ name, parameters }) => name.startsWith('rename') && parameters.includes(`"${file}"`));
  assert.ok(rename, `${blob.digest} was renamed into place`);
  const source = (/"([^"]+)"/.exec(rename.parameters)?.[1] ?? '').replace(/\.sealed$/, '');
  const of = ({ parameters }: TracedCall) => parameters.includes(`<${source}`);
  const written = trace.findLast((call) => /^p?write/.test(call.name) && of(call));
  assert.ok(written, 'its bytes were written');
  const data = trace.find((call) => isSync(call) && of(call) && call.began > written.ended);
  assert.ok(data && data.ended < rename.began, 'all of them were synced before');
  const after = (from: number, path: string) =>
    trace.find((call) => isSync(call) && call.began > from && call.parameters.includes(`<${path}>`));
  const directory = after(rename.ended, dirname(file));
  assert.ok(directory, 'its directory was synced after');
  const log = after(directory.ended, join(berth.dataDir, 'berth.db-wal'));
  assert.ok(log, 'then the log');
  const answer = answerWith(trace, `blobs/${blob.digest}`);
  assert.ok(answer && answer.began > log.ended, 'then it was answered');
}

/** A tag's rows are in the log, and the log is synced between the blobs' answers and its own. */
function checkManifest(trace: readonly TracedCall[], berth: Berth, { manifest, layers }: BuiltImage): void {
  const answer = answerWith(trace, `manifests/${manifest.digest}`);
  assert.ok(answer, 'the manifest was answered');
  const last = layers.at(-1);
  const before = last && answerWith(trace, `blobs/${last.digest}`);
  const log = trace.findLast((call) => isSync(call) && call.ended < answer.began);
  assert.ok(log, 'something was synced');
  assert.ok(log.parameters.includes(`<${join(berth.dataDir, 'berth.db-wal')}>`), 'the log was synced last');
  assert.ok(before && log.began > before.ended, 'after the last blob was answered');
}

function answerWith(trace: readonly TracedCall[], location: string): TracedCall | undefined {
  return trace.find(
    ({ name, parameters }) =>
      name.startsWith('write') && parameters.includes('201 Created') && parameters.includes(location),
  );
}

export const syncOrder: Fault = {
  id: 'F5',
  title: 'strace: data synced, renamed, directory synced, log synced, then 201',
  tools: ['strace'],
  async run(full) {
    const berth = await startBerth();
    const client = await RegistryClient.open(berth.url, berth.admin);
    const directory = await mkdtemp(join(tmpdir(), 'berth-trace-'));
    const output = join(directory, 'trace.txt');
    const pushes = full ? 50 : 5;
    const images = Array.from({ length: pushes }, (_, push) =>
      buildImage({ seed: `order ${push}`, layers: [sizes[push % sizes.length] ?? 0] }),
    );
    await traced(berth.pid, ['-y', '-s', '600', '-o', output, '-e', calls], () =>
      times(pushes, async (push) => {
        const image = images[push];
        if (image) await pushImage(client, image, `v${push}`);
      }),
    );
    const trace = parseTrace(await readFile(output, 'utf8'));
    for (const image of images) {
      for (const blob of [image.config, ...image.layers]) checkBlob(trace, berth, blob);
      checkManifest(trace, berth, image);
    }
    await berth.stop();
    await rm(directory, { recursive: true });
    return `${pushes} of ${pushes} pushes (${pushes * 2} blobs, ${pushes} manifests) in this order`;
  },
};
