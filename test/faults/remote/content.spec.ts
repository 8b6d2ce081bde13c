import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../../src/oci/digest.js';
import { MediaTypes } from '../../../src/oci/media-type.js';
import { parseReference } from '../../../src/oci/reference.js';
import { parseRepositoryName } from '../../../src/oci/repository-name.js';
import { type Behaviour, sendCut, sendWhole } from '../../support/faulty-registry.js';
import { outcomeOf } from '../../support/outcome.js';
import {
  app,
  blob,
  client,
  credentials,
  digest,
  limits,
  manifest,
  manifestType,
  read,
  stub,
  v1,
  write,
} from './stage.js';

describe('content that is not what was asked for', () => {
  const other = Buffer.alloc(blob.length, 'Something else. ');

  test.each([
    ['other bytes', other],
    ['fewer bytes', blob.subarray(0, 2_900_000)],
    ['more bytes', Buffer.concat([blob, Buffer.from('x')])],
  ])('%s are not taken for a blob', async (_what, bytes) => {
    stub.behave((_request, response) => sendWhole(response, bytes));
    expect(await read(client())).toBe('REMOTE_INVALID');
  });

  test('a length that never comes ends in a name', async () => {
    stub.behave(({ headers }, response) => {
      if (headers.range === undefined) sendCut(response, Buffer.concat([blob, other]), blob.length);
      else response.writeHead(416).end();
    });
    const outcome = await outcomeOf(client().readBlob(app, digest).then(buffer));
    expect(outcome).toBe('REMOTE_REJECTED');
  });

  test('a manifest has its digest', async () => {
    const registry = client();
    stub.behave((_request, response) => sendWhole(response, manifest, manifestType));
    const at = { repository: app, reference: parseReference(digest) };
    for (const ask of [() => registry.getManifest(at), () => registry.getManifest(at)])
      expect(await outcomeOf(ask())).toBe('REMOTE_INVALID');
    for (const said of [digest, 'sha256:../../../etc/passwd']) {
      stub.behave((_request, response) =>
        sendWhole(response, manifest, { ...manifestType, 'Docker-Content-Digest': said }),
      );
      expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_INVALID');
    }
    expect(await outcomeOf(registry.statManifest({ ...v1, reference: parseReference(digestOf(blob)) }))).toBe(
      'REMOTE_INVALID',
    );
    expect(stub.seen.length).toBeLessThan(4); // asking again would give the same
  });

  test('a manifest, a list and a token have a size', async () => {
    const registry = client({ credentials }, { ...limits, manifestBytes: 1000, listBytes: 1000, tokenBytes: 1000 });
    const much = Buffer.alloc(2000, ' ');
    for (const length of [{}, { 'Transfer-Encoding': 'chunked' }] as Record<string, string>[]) {
      stub.behave((_request, response) => response.writeHead(200, { ...manifestType, ...length }).end(much));
      expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_INVALID');
      expect(await outcomeOf(registry.listReferrers(app, digest))).toBe('REMOTE_INVALID');
    }
    stub.behave((request, response) => {
      if (request.url?.startsWith('/token')) sendWhole(response, much);
      else response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="/token"' }).end();
    });
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_INVALID');
  });

  test.each(['[]', 'no JSON', '{"tags":7}', `${'['.repeat(1000)}`])('a list is no %.10s', async (text) => {
    stub.behave((_request, response) => sendWhole(response, text));
    const listing = async () => {
      for await (const _page of client().listTags(app));
    };
    expect(await outcomeOf(listing())).toBe('REMOTE_INVALID');
  });
});

describe('pages', () => {
  test.each(['in a circle', 'without end'])('that lead on %s end', async (how) => {
    stub.behave((_request, response) => {
      const page = how === 'in a circle' ? stub.seen.length % 3 : stub.seen.length;
      sendWhole(response, '{"tags":["v1","not a tag"]}', { Link: `</v2/team/app/tags/list?last=${page}>; rel="next"` });
    });
    const found: string[] = [];
    const listing = async () => {
      for await (const page of client().listTags(app)) found.push(...page);
    };
    expect(await outcomeOf(listing())).toBe('REMOTE_INVALID');
    expect(stub.seen.length).toBeLessThanOrEqual(50);
    expect(new Set(found)).toEqual(new Set(['v1']));
  });

  test('of referrers are read where there are none by the tag that clients keep', async () => {
    const descriptor = { mediaType: MediaTypes.ociManifest, digest: digestOf(manifest), size: manifest.length };
    const index = JSON.stringify({ schemaVersion: 2, mediaType: MediaTypes.ociIndex, manifests: [descriptor] });
    stub.behave((request, response) => {
      if (request.url?.includes('/referrers/')) response.writeHead(404).end();
      else sendWhole(response, index, { 'Content-Type': MediaTypes.ociIndex });
    });
    expect(await client().listReferrers(app, digest)).toEqual([expect.objectContaining(descriptor)]);
    expect(stub.seen.at(-1)?.path).toBe(`/v2/team/app/manifests/${digest.replace(':', '-')}`);
  });
});

describe('a mount', () => {
  const uploadsTo =
    (location: string): Behaviour =>
    (request, response) => {
      if (request.method === 'POST') response.writeHead(202, { Location: location }).end();
      else request.resume().once('end', () => response.writeHead(201).end());
    };

  test('that cannot be becomes the upload that the registry began instead', async () => {
    stub.behave(uploadsTo('/v2/team/app/blobs/uploads/begun'));
    const registry = client();
    expect(await registry.mountBlob(app, digest, parseRepositoryName('team/other'))).toBe(false);
    await write(registry);
    expect(stub.seen.map(({ method }) => method)).toEqual(['POST', 'PUT']);
  });

  test.each([401, 403, 404, 405, 500])('that is refused with %i is none', async (status) => {
    stub.behave((_request, response) => response.writeHead(status).end());
    expect(await client().mountBlob(app, digest, parseRepositoryName('team/other'))).toBe(false);
  });
});

test('half a gigabyte goes through without being held', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'piece');
  const count = 512;
  const size = piece.length * count;
  stub.behave((request, response) => {
    if (request.method === 'POST') response.writeHead(202, { Location: '/v2/team/app/blobs/uploads/1' }).end();
    else if (request.method === 'PUT') request.resume().once('end', () => response.writeHead(201).end());
    else {
      const body = Readable.from(Array.from({ length: count }, () => piece));
      response.writeHead(206, { 'Content-Length': size, 'Content-Range': `bytes 0-${size - 1}/${size}` });
      body.pipe(response);
    }
  });
  const registry = client();
  let most = 0;
  const { arrayBuffers: before } = process.memoryUsage();
  async function* watched(stream: Readable) {
    for await (const chunk of stream) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      yield chunk;
    }
  }
  const open = async () => {
    const stream = await registry.readBlob(app, digest, { start: 0, end: size - 1 });
    return Readable.from(watched(stream), { objectMode: false });
  };
  await registry.writeBlob(app, { digest, size }, open);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(128 * 1024 * 1024);
});
