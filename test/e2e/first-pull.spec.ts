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
