import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Berth, startBerth } from '../support/berth.js';
import { content, descriptor, manifestOf, randomBytesOf, sha256, types } from '../support/images.js';
import { until } from '../support/ports.js';
import { RawConnection } from '../support/raw-connection.js';
import { RegistryClient } from '../support/registry-client.js';
import { spooledBytes } from '../support/spool.js';

/** Sends the first bytes of a streamed PATCH and hangs up without an end, as a laptop does that leaves the network. */
async function vanishAfter(client: RegistryClient, location: string, bytes: Buffer, received: () => Promise<boolean>) {
  const body = new PassThrough();
  const hangUp = new AbortController();
  const answer = client.append('vanish/app', location, body, { signal: hangUp.signal });
  body.write(bytes);
  await until('the bytes arrive', received);
  hangUp.abort();
  await expect(answer).rejects.toThrow();
}

describe('a client that vanishes in the middle of an upload', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(async () => {
    await berth?.stop();
  });

  it('leaves a session that resumes, and no blob', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    const blob = randomBytesOf('vanish', 700_000);
    const digest = sha256(blob);
    const { location } = await client.startUpload('vanish/app');
    const half = blob.subarray(0, 400_000);
    await vanishAfter(client, location, half, async () => (await spooledBytes(berth.dataDir)) > 0);

    expect(await client.hasBlob('vanish/app', digest)).toBe(false);
    // As a client does it: ask where the session stands, go on there, and ask again while the old connection still dies.
    const resume = async () => {
      const status = await client.uploadStatus('vanish/app', location);
      const offset = status.headers.range === '0-0' ? 0 : Number(String(status.headers.range).split('-')[1]) + 1;
      const headers = { 'content-range': `${offset}-${blob.length - 1}` };
      return client.append('vanish/app', location, blob.subarray(offset), { headers });
    };
    let rest = await resume();
    await until('the session rests', async () => {
      if (rest.status === 416) rest = await resume();
      return rest.status !== 416;
    });
    expect(rest.status).toBe(202);
    expect(rest.headers.range).toBe(`0-${blob.length - 1}`);
    expect((await client.finishUpload('vanish/app', rest.location, digest)).status).toBe(201);
    expect((await client.getBlob('vanish/app', digest)).body.equals(blob)).toBe(true);
  });

  it('leaves nothing open: the process returns to the descriptors it had', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    await client.startUpload('vanish/app');
    const before = await openFiles(berth.pid);
    for (let time = 0; time < 20; time++) {
      const { location } = await client.startUpload('vanish/app');
      const rest = await spooledBytes(berth.dataDir);
      await vanishAfter(
        client,
        location,
        randomBytesOf('again', 100_000),
        async () => (await spooledBytes(berth.dataDir)) > rest,
      );
    }
    await until('descriptors are released', async () => (await openFiles(berth.pid)) <= before + 5);
  });
});

describe('a client that goes silent without hanging up', () => {
  const repository = 'silent/app';
  let berth: Berth;
  let client: RegistryClient;
  let listening: number;
  beforeAll(async () => {
    berth = await startBerth({ env: { BERTH_READ_TIMEOUT: '1s', BERTH_WRITE_TIMEOUT: '1s' } });
    listening = await openSockets(berth.pid);
    client = await RegistryClient.open(berth.url, berth.admin);
    // The threads that an upload needs have descriptors too, and stay for a while.
    await client.pushBlob(repository, content('application/octet-stream', randomBytesOf('first', 200_000)));
  });
  afterAll(async () => {
    await berth?.stop();
  });
  const head = async (method: string, path: string, ...more: string[]) =>
    [
      `${method} ${path} HTTP/1.1`,
      `Host: ${berth.host}`,
      `Authorization: Bearer ${await client.token(`repository:${repository}:pull,push`)}`,
      ...more,
      '\r\n',
    ].join('\r\n');

  it('in the middle of an upload loses the connection, and the session resumes', async () => {
    const blob = randomBytesOf('silent upload', 700_000);
    const { location } = await client.startUpload(repository);
    const before = await openFiles(berth.pid);
    const connection = await RawConnection.open(berth.url);
    connection.write(await head('PATCH', location, `Content-Length: ${blob.length}`));
    await connection.send(blob.subarray(0, 400_000));
    await connection.ended();

    await until('descriptors are released', async () => (await openFiles(berth.pid)) <= before);
    const { headers } = await client.uploadStatus(repository, location);
    const offset = Number(/^0-(\d+)$/.exec(headers.range ?? '')?.[1]) + 1;
    expect(offset).toBe(400_000);
    const rest = { headers: { 'content-range': `${offset}-${blob.length - 1}` } };
    expect((await client.append(repository, location, blob.subarray(offset), rest)).status).toBe(202);
    expect((await client.finishUpload(repository, location, sha256(blob))).status).toBe(201);
  });

  /** Sends what is asked for at once, reads the first bytes and then no more. */
  async function silentAfter(requests: string): Promise<Socket> {
    const socket = connect(Number(new URL(berth.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(requests);
    await once(socket, 'readable');
    return socket;
  }
  /** All that still comes until the server has closed. */
  async function restOf(socket: Socket): Promise<number> {
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    await once(socket, 'close');
    return received;
  }

  it('in the middle of a download loses the connection, and the file is closed', async () => {
    // More than what fits into the buffers of both sides.
    const blob = content('application/octet-stream', randomBytesOf('silent download', 32_000_000));
    await client.pushBlob(repository, blob);
    const request = await head('GET', `/v2/${repository}/blobs/${blob.digest}`);
    const before = await openFiles(berth.pid);
    const socket = await silentAfter(request);
    expect(await openFiles(berth.pid)).toBeGreaterThan(before);

    await until('descriptors are released', async () => (await openFiles(berth.pid)) <= before);
    expect(await restOf(socket)).toBeLessThan(blob.bytes.length);
  });

  describe('with many answers on their way', () => {
    const large = manifestOf({ manifests: [], annotations: { note: 'x'.repeat(3_900_000) } }, types.index);
    const small = content('', randomBytesOf('silent small', 60_000));
    const referrer = manifestOf(
      { manifests: [], subject: descriptor(large), annotations: { note: 'y'.repeat(3_000_000) } },
      types.index,
    );
    beforeAll(async () => {
      await client.pushBlob(repository, small);
      for (const manifest of [large, referrer])
        expect((await client.putManifest(repository, manifest.digest, manifest)).status).toBe(201);
    });

    it.each([
      ['manifests', 12, 'GET', `/v2/${repository}/manifests/${large.digest}`],
      ['referrers', 12, 'GET', `/v2/${repository}/referrers/${large.digest}`],
      ['small blobs', 700, 'GET', `/v2/${repository}/blobs/${small.digest}`],
      ['heads', 60_000, 'HEAD', `/v2/${repository}/manifests/${large.digest}`],
      ['refusals', 40_000, 'GET', `/v2/${repository}/manifests/${sha256(Buffer.from('nothing'))}`],
      ['tokens', 20_000, 'GET', '/token?service=berth'],
    ])('loses the connection (%s)', async (_name, count, method, path) => {
      const request = await head(method, path);
      await until('other connections are gone', async () => (await openSockets(berth.pid)) === listening);
      const socket = await silentAfter(request.repeat(count));
      try {
        // Of more than sixteen requests the rest is not answered, and the connection may be closed by now.
        if (count <= 16) expect(await openSockets(berth.pid)).toBe(listening + 1);
        await until('the connection is gone', async () => (await openSockets(berth.pid)) === listening);
      } finally {
        socket.destroy();
      }
    });

    it('keeps it when everything is read, however long it then says nothing', async () => {
      const request = await head('GET', `/v2/${repository}/manifests/${large.digest}`);
      const connection = await RawConnection.open(berth.url);
      connection.write(request.repeat(4));
      for (let answer = 0; answer < 4; answer++) expect((await connection.answer())?.status).toBe(200);
      await delay(2_000); // twice the timeout
      connection.write(request);
      expect((await connection.answer())?.status).toBe(200);
      connection.close();
    });
  });
});

async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function openSockets(pid: number): Promise<number> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((link) => link.startsWith('socket:')).length;
}
