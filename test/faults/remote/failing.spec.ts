import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../../src/oci/digest.js';
import { sendCut, sendWhole, startFaultyRegistry } from '../../support/faulty-registry.js';
import { outcomeOf } from '../../support/outcome.js';
import {
  blob,
  client,
  firstOf,
  manifest,
  manifestType,
  pauses,
  read,
  sendBlob,
  sendPart,
  stub,
  v1,
  write,
} from './stage.js';

describe('a registry that fails', () => {
  test('now and then is asked again', async () => {
    stub.behave((_request, response, nth) => {
      if (nth < 2) response.writeHead([500, 502][nth] ?? 0).end();
      else sendWhole(response, manifest, manifestType);
    });
    expect((await client().getManifest(v1)).digest).toBe(digestOf(manifest));
    expect(pauses).toEqual([500, 1000]);
  });

  test.each([500, 503, 504, 522])('always, with %i, is given up', async (status) => {
    stub.behave((_request, response) => response.writeHead(status).end());
    const registry = client();
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_FAILED');
    expect(await read(registry)).toBe('REMOTE_FAILED');
    expect(await outcomeOf(write(registry))).toBe('REMOTE_FAILED');
    expect(stub.seen).toHaveLength(9);
  });

  test.each([400, 403, 405, 410])('by %i is not asked again', async (status) => {
    stub.behave((_request, response) => sendWhole(response, '{"errors":[{"code":"DENIED"}]}', {}, status));
    expect(await outcomeOf(client().getManifest(v1))).toBe(status === 403 ? 'REMOTE_DENIED' : 'REMOTE_REJECTED');
    expect(stub.seen).toHaveLength(1);
  });

  test('asks to wait, and is left alone for so long by everybody', async () => {
    stub.behave((_request, response) => {
      if (stub.seen.length === 1) response.writeHead(429, { 'Retry-After': '7' }).end();
      else sendWhole(response, manifest, manifestType);
    });
    await client().getManifest(v1);
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeGreaterThan(6_000);
    stub.behave((_request, response) => response.writeHead(429).end());
    expect(await outcomeOf(client().getManifest(v1))).toBe('REMOTE_BUSY');
  });

  test('is not there', async () => {
    const gone = await startFaultyRegistry();
    await gone.stop();
    const registry = client({ url: gone.url, allowedAddresses: [gone.host] });
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_UNREACHABLE');
    expect(pauses).toHaveLength(2);
  });

  test('speaks no HTTP', async () => {
    stub.behave((request) => request.socket.end('220 mail.example ESMTP\r\n'));
    expect(await outcomeOf(client().getManifest(v1))).toBe('REMOTE_INVALID');
  });
});

describe('a connection that is cut', () => {
  test('half-way goes on from there, as often as there is progress', async () => {
    stub.behave(({ headers }, response, nth) => {
      const from = firstOf(headers.range);
      if (nth === 0) sendCut(response, blob, 1_500_000);
      else if (nth === 1) {
        const range = { 'Content-Range': `bytes ${from}-${blob.length - 1}/${blob.length}` };
        sendCut(response, blob.subarray(from), 700_000, range, 206);
      } else sendPart(response, from);
    });
    expect(await read(client())).toBe('done');
    expect(stub.seen.map(({ range }) => range === undefined)).toEqual([true, false, false]);
    const [, second = 0, third = 0] = stub.seen.map(({ range }) => firstOf(range));
    expect(third).toBeGreaterThan(second);
  });

  test('at once, every time, is given up', async () => {
    stub.behave((_request, response) => sendCut(response, blob, 0));
    expect(await read(client())).toBe('REMOTE_UNREACHABLE');
  });

  test('of a registry that knows no ranges is read from the beginning, and what had come is left out', async () => {
    stub.behave((_request, response, nth) => (nth === 0 ? sendCut(response, blob, 2_000_000) : sendBlob(response)));
    expect(await read(client())).toBe('done');
  });

  test.each(['another part', 'another size', 'nothing'])('is not gone on with by %s', async (what) => {
    stub.behave(({ headers }, response, nth) => {
      const from = firstOf(headers.range);
      if (nth === 0) sendCut(response, blob, 1_000_000);
      else if (what === 'another part') sendPart(response, from + 1);
      else if (what === 'another size') sendPart(response, from, Buffer.concat([blob, blob]));
      else response.writeHead(416).end();
    });
    expect(await read(client())).toBe(what === 'nothing' ? 'REMOTE_REJECTED' : 'REMOTE_INVALID');
  });

  test('while a manifest comes is made anew', async () => {
    stub.behave((_request, response, nth) => {
      if (nth === 0) sendCut(response, manifest, 10, manifestType);
      else sendWhole(response, manifest, manifestType);
    });
    expect((await client().getManifest(v1)).bytes.equals(manifest)).toBe(true);
  });

  test('while a blob is written begins another upload, with all bytes', async () => {
    let received: Buffer | undefined;
    stub.behave((request, response) => {
      const uploads = stub.seen.filter(({ method }) => method === 'POST').length;
      if (request.method === 'POST')
        response.writeHead(202, { Location: `/v2/team/app/blobs/uploads/${uploads}` }).end();
      else if (request.method === 'DELETE') response.writeHead(204).end();
      else if (uploads === 1) request.once('data', () => request.destroy());
      else
        buffer(request).then(
          (bytes) => {
            received = bytes;
            response.writeHead(201).end();
          },
          () => undefined,
        );
    });
    await write(client());
    expect(received?.equals(blob)).toBe(true);
  });
});
