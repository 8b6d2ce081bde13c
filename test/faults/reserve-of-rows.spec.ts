import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { descriptor, emptyConfig, KiB, MiB, manifestOf, randomBytesOf } from '../support/images.js';
import { Mounts } from '../support/mounts.js';
import { addUser } from '../support/people.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireRoot } from '../support/tools.js';

const repository = 'team/app';
const tags = '/api/v1/repositories/team%2Fapp/tags';
const reserve = 16 * MiB;
/** More than enough to fill what is left of the disk, if they were taken. */
const tries = 4000;

requireRoot('mount', 'umount')('a disk of which only the reserve is left', () => {
  let mounts: Mounts;
  let disk: string;
  let berth: Berth;
  let client: RegistryClient;
  let secret: string;
  beforeEach(async () => {
    mounts = await Mounts.create();
    disk = await mounts.tmpfs('disk', 'size=96m');
    const dataDir = join(disk, 'data');
    await mkdir(dataDir);
    berth = await startBerth({ dataDir, env: { BERTH_DISK_RESERVE: '16MiB' } });
    const mallory = await addUser(berth, 'mallory', { 'team/*': ['push', 'manage', 'delete'] });
    client = await RegistryClient.open(berth.url, mallory);
    const session = await berth.signIn(mallory.username, mallory.password);
    ({ secret } = (await berth.api('POST', '/api/v1/tokens', { name: 'ci' }, session)).body);
    await client.pushBlob(repository, emptyConfig);
  });
  afterEach(async () => {
    await berth.stop();
    await mounts.remove();
  });

  const free = async () => {
    const { bavail, bsize } = await statfs(disk);
    return bavail * bsize;
  };
  const manifest = (note: string) => manifestOf({ config: descriptor(emptyConfig), layers: [], annotations: { note } });
  const push = async (tag: string, note: string, more = '') =>
    (await client.putManifest(repository, `${tag}${more}`, manifest(note))).status;
  const fill = async () => {
    for (const size of [8 * MiB, MiB, 200 * KiB]) {
      for (let status = 202; status === 202; ) {
        const { location, status: opened } = await client.startUpload(repository);
        const bytes = randomBytesOf(location, size);
        status = opened === 202 ? (await client.append(repository, location, bytes)).status : opened;
      }
    }
  };
  /** As often as it is let, by many at once; the status that ended it. */
  const untilRefused = async (change: (number: number) => Promise<number>) => {
    let [number, refusal] = [0, 0];
    const one = async () => {
      while (refusal === 0 && number < tries) {
        const status = await change(number++);
        if (status >= 400) refusal = status;
      }
    };
    await Promise.all(Array.from({ length: 20 }, one));
    return refusal;
  };
  const administered = async () => {
    const session = await berth.signIn(berth.admin.username, berth.admin.password);
    expect((await berth.api('PATCH', '/api/v1/users/mallory', { enabled: false }, session)).status).toBe(200);
  };

  it('takes no rows of others than administrators, by whatever door, and lets them take away', async () => {
    expect(await push('kept', 'kept')).toBe(201);
    await fill();
    const asMallory = async (method: string, path: string, body?: object) =>
      (await berth.api(method, path, body, secret)).status;
    const doors: Record<string, (number: number) => Promise<number>> = {
      'a tag is moved': (number) => asMallory('PUT', `${tags}/t${number}`, { reference: 'kept' }),
      'a repository is made': (number) =>
        asMallory('POST', '/api/v1/repositories', { name: `team/r${number}`, visibility: 'private' }),
      'a robot is made': (number) => asMallory('POST', '/api/v1/robots', { namespace: 'team', name: `r${number}` }),
      'a token is made': (number) => asMallory('POST', '/api/v1/tokens', { name: `t${number}` }),
      'a grant is given': (number) =>
        asMallory('POST', '/api/v1/permissions', {
          ...{ subject: { type: 'user', name: 'mallory' }, pattern: `team/g${number}`, actions: ['pull'] },
        }),
    };
    const refusals: Record<string, number> = {};
    for (const [door, change] of Object.entries(doors)) refusals[door] = await untilRefused(change);
    expect(refusals).toEqual(Object.fromEntries(Object.keys(doors).map((door) => [door, 507])));
    expect(await asMallory('DELETE', `${tags}/kept`)).toBe(204);
    // What is written between two looks at the disk, and by whoever signs in or takes away.
    expect(await free()).toBeGreaterThan(reserve / 2);
    await administered();
  }, 120_000);

  it('takes no files of tags that were pushed before', async () => {
    await fill();
    let number = 0;
    const some = () => Array.from({ length: 300 }, () => `tag=t${number++}`).join('&');
    // The last upload leaves less than a push needs: one of its kind is ended.
    const { items } = (await berth.api('GET', '/api/v1/uploads?limit=100')).body;
    for (const { id } of items.slice(0, 1)) await berth.api('DELETE', `/api/v1/uploads/${id}`);
    for (let pushes = 0; pushes < 20 && (await push('first', `${pushes}`, `?${some()}`)) === 201; pushes++);
    expect(number).toBeGreaterThan(600);
    await until('the files cannot follow', async () => berth.output().includes('changes not followed; trying again'));
    expect(await free()).toBeGreaterThan(reserve / 2);
    await administered();
  }, 120_000);
});
