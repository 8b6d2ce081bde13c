import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { content, KiB, MiB, randomBytesOf } from '../support/images.js';
import { Mounts } from '../support/mounts.js';
import { addUser } from '../support/people.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { spoolNames } from '../support/stored-files.js';
import { requireRoot } from '../support/tools.js';

const repository = 'team/app';
const blobOf = (seed: string, size: number) => content('', randomBytesOf(seed, size));

requireRoot('mount', 'umount')('a disk that somebody fills with pushes', () => {
  let mounts: Mounts;
  let disk: string;
  let berth: Berth;
  beforeAll(async () => {
    mounts = await Mounts.create();
    disk = await mounts.tmpfs('disk', 'size=48m');
    const dataDir = join(disk, 'data');
    await mkdir(dataDir);
    berth = await startBerth({ dataDir });
  });
  afterAll(async () => {
    await berth.stop();
    await mounts.remove();
  });

  const ready = async () => (await berth.api('GET', '/readyz', undefined, null)).body;
  const free = async () => {
    const { bavail, bsize } = await statfs(disk);
    return bavail * bsize;
  };

  it('is administered all the same, and has its room back when the account that did it is disabled', async () => {
    const admin = await RegistryClient.open(berth.url, berth.admin);
    const kept = blobOf('kept', 2 * MiB);
    await admin.pushBlob(repository, kept);
    const pulled = async () =>
      expect((await admin.getBlob(repository, kept.digest)).body.equals(kept.bytes)).toBe(true);
    expect(await ready()).toMatchObject({ status: 'ok', checks: { database: 'ok', storage: 'ok' } });

    const pusher = await addUser(berth, 'mallory', { 'team/*': ['push'] });
    const client = await RegistryClient.open(berth.url, pusher);
    const statuses: number[] = [];
    for (const size of [8 * MiB, MiB, 200 * KiB]) {
      for (let status = 202; status === 202; ) {
        const { location, status: opened } = await client.startUpload(repository);
        status =
          opened === 202 ? (await client.append(repository, location, blobOf(location, size).bytes)).status : opened;
        statuses.push(status);
      }
    }
    expect(statuses.filter((status) => status !== 202)).toEqual([507, 507, 507]);
    // Two hundredths of 48 MiB, and what the log of the database took in the meantime at most.
    expect(await free()).toBeGreaterThan(700 * KiB);
    // The rest goes into what stays in memory at first, and is refused when it is to be written.
    for (let number = 0, status = 201; status === 201 && number < 1000; number++) {
      const small = blobOf(`small ${number}`, 60 * KiB);
      const { location, status: opened } = await client.startUpload(repository);
      status =
        opened === 202 ? (await client.finishUpload(repository, location, small.digest, small.bytes)).status : opened;
      if (status !== 201) expect(status).toBe(507);
    }
    expect((await client.putManifest(repository, 'v1', blobOf('no manifest', KiB))).status).toBe(507);
    await pulled();
    await until('it says what is wrong', async () => (await ready()).status === 'unavailable');
    expect(await ready()).toMatchObject({ status: 'unavailable', checks: { database: 'ok', storage: 'full' } });

    const session = await berth.signIn(berth.admin.username, berth.admin.password);
    const { items } = (await berth.api('GET', '/api/v1/uploads?limit=100', undefined, session)).body;
    expect(items.filter(({ bytes }: { bytes: number }) => bytes > 0).length).toBeGreaterThan(4);
    expect((await berth.api('DELETE', `/api/v1/uploads/${items[0].id}`, undefined, session)).status).toBe(204);
    expect((await berth.api('PATCH', '/api/v1/users/mallory', { enabled: false }, session)).status).toBe(200);
    await pulled();
    await until('the room is back', async () => (await spoolNames(berth.dataDir)).length === 0);
    expect(await free()).toBeGreaterThan(30 * MiB);
    await until('it is ready again', async () => (await ready()).status === 'ok');
    await admin.pushBlob(repository, blobOf('after', 8 * MiB));
    const { items: events } = (await berth.api('GET', '/api/v1/audit?limit=10', undefined, session)).body;
    const actions = events.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(['sign-in', 'upload.end', 'user.update']));
  }, 60_000);
});
