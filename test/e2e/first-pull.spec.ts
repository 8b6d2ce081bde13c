import { once } from 'node:events';
import { get } from 'node:http';
import { type Berth, startBerth } from '../support/berth.js';
import { run } from '../support/child.js';
import { content, MiB, randomBytesOf } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';
import { requireTool } from '../support/tools.js';

const repository = 'first/pull';

requireTool('fincore')('the first pull after a push', () => {
  let berth: Berth;
  let client: RegistryClient;
  beforeAll(async () => {
    berth = await startBerth();
    client = await RegistryClient.open(berth.url, berth.admin);
  });
  afterAll(() => berth.stop());

  /** Bytes of a file that the kernel has in memory. */
  async function inMemory(file: string): Promise<number> {
    const { stdout } = await run('fincore', ['--bytes', '--noheadings', '--output', 'RES', file]);
    return Number(stdout);
  }

  test.each([
    ['a layer of whole blocks', 8 * MiB],
    ['a layer that ends within a block', 3 * MiB + 4_321],
    ['a layer of less than a block', 300_000],
    ['a layer that was never a file of its own', 20_000],
  ])('finds every byte in memory: %s', async (name, size) => {
    const layer = content('application/octet-stream', randomBytesOf(name, size));
    await client.pushBlob(repository, layer);
    expect(await inMemory(blobFile(berth.dataDir, layer.digest))).toBeGreaterThanOrEqual(size);
  });

  it('gives ten who pull at once, and one who stops in the middle, every byte of their own', async () => {
    const layers = ['one', 'other'].map((name) =>
      content('application/octet-stream', randomBytesOf(name, 12 * MiB + 5)),
    );
    for (const layer of layers) await client.pushBlob(repository, layer);
    const [one, other] = layers;
    if (!one || !other) throw new Error('two layers');
    const token = await client.token(`repository:${repository}:pull`);
    const authorization = `Bearer ${token}`;
    // An answer that nobody reads.
    const stopped = get(`${berth.url}/v2/${repository}/blobs/${one.digest}`, { headers: { authorization } });
    await once(stopped, 'response');
    const pulls = Array.from({ length: 10 }, (_, n) => client.getBlob(repository, (n % 3 === 0 ? other : one).digest));
    const answers = await Promise.all(pulls);
    stopped.destroy();
    for (const [n, { body }] of answers.entries()) expect(body.equals((n % 3 === 0 ? other : one).bytes)).toBe(true);
  });

  it('finds them after a push in pieces that begin anywhere', async () => {
    const layer = content('application/octet-stream', randomBytesOf('pieces', 5 * MiB + 7));
    let { location } = await client.startUpload(repository);
    for (const [start, end] of [
      [0, 1_000_003],
      [1_000_003, 4 * MiB + 1],
      [4 * MiB + 1, layer.bytes.length],
    ]) {
      ({ location } = await client.append(repository, location, layer.bytes.subarray(start, end)));
    }
    expect((await client.finishUpload(repository, location, layer.digest)).status).toBe(201);
    expect(await inMemory(blobFile(berth.dataDir, layer.digest))).toBeGreaterThanOrEqual(layer.bytes.length);
    expect((await client.getBlob(repository, layer.digest)).body.equals(layer.bytes)).toBe(true);
  });
});
