import { type Berth, startBerth } from '../support/berth.js';
import { manifestOf, types } from '../support/images.js';
import { addUser } from '../support/people.js';
import { RawConnection } from '../support/raw-connection.js';
import { RegistryClient } from '../support/registry-client.js';
import { residentBytes } from '../support/resident.js';

const MiB = 1024 * 1024;

describe('many bodies that are sent but for their last byte', () => {
  let berth: Berth;
  const connections: RawConnection[] = [];
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close();
  });
  afterAll(() => berth.stop());

  /** Sends all there is, and waits for no answer. */
  async function unfinished(count: number, head: string, body: Buffer) {
    for (let at = 0; at < count; at++) {
      const connection = await RawConnection.open(berth.url);
      connections.push(connection);
      connection.write(head);
      await connection.send(body);
    }
  }

  it('take little memory, and somebody else is served (manifests)', async () => {
    const mine = manifestOf({ manifests: [], annotations: { note: 'mine' } }, types.index);
    const admin = await RegistryClient.open(berth.url, berth.admin);
    const eve = await addUser(berth, 'eve', { 'eve/*': ['pull', 'push'] });
    const token = await berth.token('eve', eve.password, 'repository:eve/app:pull,push');
    const before = await residentBytes(berth.pid);
    const head = [
      'PUT /v2/eve/app/manifests/latest HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${token}`,
      `Content-Length: ${4 * MiB}`,
      '\r\n',
    ].join('\r\n');
    await unfinished(60, head, Buffer.alloc(4 * MiB - 1, 'x'));
    const refused = await connections[0]?.answer();
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([429, ['2']]);
    expect(JSON.parse(refused?.body ?? '').errors[0].code).toBe('TOOMANYREQUESTS');
    expect((await residentBytes(berth.pid)) - before).toBeLessThan(100 * MiB); // they would hold 240
    expect((await admin.putManifest('ann/app', 'latest', mine)).status).toBe(201);
  });

  it('take little memory, and somebody else is served (JSON)', async () => {
    const head = [
      'POST /api/v1/auth/login HTTP/1.1',
      'Host: a',
      'X-Forwarded-For: 192.0.2.1',
      'Content-Type: application/json',
      'Content-Length: 260000',
      '\r\n',
    ].join('\r\n');
    await unfinished(150, head, Buffer.alloc(200_000, ' '));
    expect((await connections[0]?.answer())?.status).toBe(429);
    expect((await berth.api('GET', '/api/v1/users')).status).toBe(200);
  });
});
