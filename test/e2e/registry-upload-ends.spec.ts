import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Berth, startBerth } from '../support/berth.js';
import { sha256 } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { spooledBytes } from '../support/spool.js';

let berth: Berth;
let client: RegistryClient;

beforeAll(async () => {
  // An upload that is not over takes the only place.
  berth = await startBerth({ env: { BERTH_UPLOADS_PER_USER: '1' } });
  client = await RegistryClient.open(berth.url, berth.admin);
});
afterAll(() => berth?.stop());

const repositoryPath = (name: string) => `/api/v1/repositories/${encodeURIComponent(name)}`;
const cancel = (name: string, location: string) =>
  client.request(name, location.slice(`/v2/${name}/`.length), { method: 'DELETE' });
const remove = (name: string) => berth.api('DELETE', repositoryPath(name));
const rename = (name: string) => berth.api('PATCH', repositoryPath(name), { name: `${name}-renamed` });

describe('an upload that ends while bytes come', () => {
  test.each([
    ['it is cancelled', 'ends/cancelled', cancel],
    ['its repository is deleted', 'ends/deleted', remove],
    ['its repository is renamed', 'ends/renamed', rename],
  ])('because %s answers its writer at once and leaves nothing', async (_, name, end) => {
    expect((await berth.api('POST', '/api/v1/repositories', { name, visibility: 'private' })).status).toBe(201);
    const { location } = await client.startUpload(name);
    const slow = new PassThrough();
    const appended = client.append(name, location, slow);
    slow.write(Buffer.alloc(100_000));
    await until('bytes arrive', async () => (await spooledBytes(berth.dataDir)) > 0);
    expect([200, 204]).toContain((await end(name, location)).status);
    const { status, body } = await appended;
    expect([status, JSON.parse(body.toString()).errors[0].code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    slow.destroy();
    await until('its bytes are gone', async () => (await spooledBytes(berth.dataDir)) === 0);
    expect((await client.uploadStatus(name, location)).status).toBe(404);
  });

  test('few bytes before and many after: the writer learns it, and nothing is left', async () => {
    const name = 'ends/few';
    const { location } = await client.startUpload(name);
    const slow = new PassThrough();
    const appended = client.append(name, location, slow);
    slow.write(Buffer.alloc(1000));
    await until('the first bytes are noticed', async () => {
      const second = await client.append(name, location, 'x', { headers: { 'content-range': '5-5' } });
      return second.body.includes('another request is writing');
    });
    expect((await cancel(name, location)).status).toBe(204);
    slow.end(Buffer.alloc(5_000_000));
    expect((await appended).status).toBe(404);
    expect(await spooledBytes(berth.dataDir)).toBe(0);
  });
});

test('a blob with the POST whose bytes cannot be sealed leaves no session behind that nobody can name', async () => {
  const name = 'ends/unnamed';
  const bytes = Buffer.alloc(200_000, 'abc');
  const slow = new PassThrough();
  const posted = client.request(name, `blobs/uploads/?digest=${sha256(bytes)}`, { method: 'POST', body: slow });
  slow.write(bytes.subarray(0, 100_000));
  await until('bytes arrive', async () => (await spooledBytes(berth.dataDir)) > 0);
  for (const file of await readdir(join(berth.dataDir, 'uploads'))) await rm(join(berth.dataDir, 'uploads', file));
  slow.end(bytes.subarray(100_000));
  expect((await posted).status).toBe(404);
  const { status, location } = await client.startUpload(name);
  expect(status).toBe(202);
  await cancel(name, location);
});
