import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { type BuiltImage, buildImage, type Content, json, KiB, sha256, types } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';

/** Enough for a walk to be in the middle of when it is killed. */
const images = 300;
const rounds = 3;
const patienceMs = 280_000;

/** One image under many names: as many manifests and tags, and only two blobs. */
function variants(image: BuiltImage): Map<string, Content> {
  const document = JSON.parse(image.manifest.bytes.toString());
  return new Map(
    Array.from({ length: images }, (_, number) => [
      `v${number}`,
      json(types.manifest, { ...document, annotations: { number: String(number) } }),
    ]),
  );
}

const image = buildImage({ seed: 'layout', layers: [2 * KiB] });
const pushed = variants(image);
const textOf = (file: string) => readFile(file, 'utf8').catch(() => undefined);

/** A server with all images, of which the layout has as many as it came to. */
class Place {
  private constructor(readonly server: Berth) {}

  static async open(): Promise<Place> {
    const server = await startBerth({ dataDir: await mkdtemp(join(tmpdir(), 'berth-layout-')) });
    const client = await RegistryClient.open(server.url, server.admin);
    await client.push('team/app', 'base', image);
    for (const [tag, manifest] of pushed) {
      expect((await client.putManifest('team/app', tag, manifest)).status).toBe(201);
    }
    return new Place(server);
  }

  async close(): Promise<void> {
    await this.server.stop();
    await rm(this.server.dataDir, { recursive: true, force: true });
  }

  link(tag: string): string {
    return join(this.server.dataDir, 'docker/registry/v2/repositories/team/app/_manifests/tags', tag, 'current/link');
  }

  /** How many images are not in the layout as they were pushed. */
  async missing(): Promise<number> {
    let count = 0;
    for (const [tag, { digest }] of pushed) {
      const bytes = await readFile(blobFile(this.server.dataDir, digest)).catch(() => Buffer.alloc(0));
      if ((await textOf(this.link(tag))) !== digest || sha256(bytes) !== digest) count++;
    }
    return count;
  }

  /** Starts a walk, and kills the server once it is in the middle; a walk that is done by then is as good. */
  async killDuring(kind: 'sync' | 'reindex', least: number): Promise<void> {
    await this.server.api('POST', `/api/v1/system/layout:${kind}`);
    await until(`the middle of a ${kind}`, async () => {
      const { task } = (await this.server.api('GET', '/api/v1/system/layout')).body;
      return task.state !== 'running' || task.manifests >= least;
    });
    await this.server.kill();
  }
}

const at = (work: (place: Place) => Promise<void>) => async () => {
  const place = await Place.open();
  try {
    await work(place);
  } finally {
    await place.close();
  }
};

/** Side by side: the mirror looks every ten seconds whether there is something to do. */
describe('kill -9 while the layout is written or read', () => {
  test.concurrent(
    'what the mirror did not finish, it finishes after the next start',
    at(async (place) => {
      const { server } = place;
      for (let round = 0; round < rounds; round++) {
        await until('the mirror', async () => (await textOf(place.link(`v${round * 40}`))) !== undefined, 60_000);
        await server.kill();
        await server.restart();
      }
      await until('the rest of the mirror', async () => (await place.missing()) === 0, 150_000);
    }),
    patienceMs,
  );

  test.concurrent(
    'a sync is given again',
    at(async (place) => {
      const { server } = place;
      for (let round = 1; round <= rounds; round++) {
        await place.killDuring('sync', 60 * round);
        await server.restart();
      }
      expect((await berth(['layout', 'sync', '--data-dir', server.dataDir])).code).toBe(0);
      expect(await place.missing()).toBe(0);
    }),
    patienceMs,
  );

  test.concurrent(
    'a reindex is given again',
    at(async (place) => {
      const { server } = place;
      expect((await berth(['layout', 'sync', '--data-dir', server.dataDir])).code).toBe(0);
      await server.stop();
      for (const end of ['', '-wal', '-shm']) await rm(join(server.dataDir, `berth.db${end}`), { force: true });
      await rm(join(server.dataDir, 'keys'), { recursive: true }); // or it would not start without its database
      for (let round = 1; round <= rounds; round++) {
        await server.restart();
        await place.killDuring('reindex', 60 * round);
      }
      expect((await berth(['reindex', '--data-dir', server.dataDir])).code).toBe(0);
      expect((await berth(['fsck', '--data-dir', server.dataDir])).code).toBe(0);
      await server.restart();
      const client = await RegistryClient.open(server.url, server.admin);
      for (const [tag, { digest }] of pushed) {
        expect(sha256((await client.getManifest('team/app', tag)).body)).toBe(digest);
      }
      expect(await client.pull('team/app', 'base')).toBe(image.manifest.digest);
    }),
    patienceMs,
  );
});
