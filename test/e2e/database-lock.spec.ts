import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { fsckOf } from '../support/fsck.js';
import { manifestOf } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const repository = 'locked/app';
const indexOf = (note: string) =>
  manifestOf({ manifests: [], annotations: { note } }, 'application/vnd.oci.image.index.v1+json');

/** This process is to the server what a shell or a backup is: somebody else who has the lock of its database. */
describe('a database that another program holds', () => {
  let berth: Berth;
  let client: RegistryClient;
  let other: SqliteFile.Database;
  beforeAll(async () => {
    berth = await startBerth();
    client = await RegistryClient.open(berth.url, berth.admin);
    expect((await client.putManifest(repository, 'before', indexOf('before'))).status).toBe(201);
    await client.token(`repository:${repository}:pull`);
    await berth.api('GET', '/api/v1/users');
    other = new SqliteFile(join(berth.dataDir, 'berth.db'));
  });
  afterAll(async () => {
    other.close();
    await berth.stop();
  });

  /** One read of each kind; the milliseconds of the slowest. */
  async function read(): Promise<number> {
    const began = performance.now();
    expect((await client.getManifest(repository, 'before')).status).toBe(200);
    expect(await client.hasBlob(repository, indexOf('nothing').digest)).toBe(false);
    expect((await berth.api('GET', '/api/v1/users')).status).toBe(200);
    expect((await berth.api('GET', '/healthz', undefined, null)).status).toBe(200);
    return performance.now() - began;
  }

  it('is read meanwhile, and what is to be written waits until it is free', async () => {
    other.exec('BEGIN IMMEDIATE');
    const began = performance.now();
    const writes = ['one', 'two', 'three'].map((tag) => client.putManifest(repository, tag, indexOf(tag)));
    const account = berth.api('POST', '/api/v1/users', { username: 'patient', role: 'user' });
    let slowest = 0;
    // On a busy machine fewer reads have to do: changes wait for five seconds.
    for (let count = 0; count < 20 && performance.now() - began < 2500; count++)
      slowest = Math.max(slowest, await read());
    other.exec('ROLLBACK');
    expect((await Promise.all(writes)).map(({ status }) => status)).toEqual([201, 201, 201]);
    expect((await account).status).toBe(201);
    // SQLite itself would have held up each of them for two seconds.
    expect(slowest).toBeLessThan(1000);
    expect((await client.getManifest(repository, 'three')).status).toBe(200);
  });

  it('is given up on after a while, by all who wait, and nothing half-written is left', async () => {
    other.exec('BEGIN IMMEDIATE');
    const began = performance.now();
    const ready = berth.api('GET', '/readyz', undefined, null);
    const refused = await Promise.all(
      ['a', 'b', 'c', 'd'].map((tag) => client.putManifest(repository, tag, indexOf(tag))),
    );
    const account = await berth.api('POST', '/api/v1/users', { username: 'hasty', role: 'user' });
    // Both waited for about five seconds; one after the other would be twenty-five.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect((await ready).body).toMatchObject({ status: 'unavailable', checks: { database: 'busy', storage: 'ok' } });
    other.exec('ROLLBACK');
    for (const { status, headers, body } of refused) {
      expect([status, headers['retry-after']]).toEqual([503, '5']);
      expect(JSON.parse(body.toString()).errors[0].code).toBe('UNAVAILABLE');
    }
    expect([account.status, account.headers['retry-after'], account.body.code]).toEqual([503, '5', 'DATABASE_BUSY']);
    for (const tag of ['a', 'b', 'c', 'd']) expect((await client.getManifest(repository, tag)).status).toBe(404);
    expect((await berth.api('GET', '/api/v1/users/hasty')).status).toBe(404);
    expect((await client.putManifest(repository, 'a', indexOf('a'))).status).toBe(201);
    expect((await fsckOf(berth.dataDir)).findings).toEqual([]);
  }, 60_000);
});
