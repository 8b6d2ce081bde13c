import { createHash } from 'node:crypto';
import { type Content, content, randomBytesOf } from '../../support/images.js';
import { type Chapter, codeOf, type Ground, pathOf, requirement } from '../ground.js';

const repository = 'conf/blobs';
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const make = (seed: string, size = 3000): Content => content('', randomBytesOf(`conformance ${seed}`, size));

async function start({ client }: Ground, query = ''): Promise<string> {
  return (await client.startUpload(repository, query)).location;
}

function chunk({ client }: Ground, location: string, first: number, bytes: Buffer) {
  const headers = { 'content-range': `${first}-${first + bytes.length - 1}` };
  return client.append(repository, location, bytes, { headers });
}

/** What a Location of a finished push leads to. */
async function pulled({ client }: Ground, path: string): Promise<Buffer> {
  const answer = await client.request(repository, path.slice(`/v2/${repository}/`.length), { actions: 'pull' });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** "Pushing blobs", whole, in chunks and by mounting, and "Cancel a blob upload". */
export const pushBlobs: Chapter = (ground) => {
  requirement(229, 'if the client provided digest is invalid, the registry SHOULD respond with 400', async () => {
    for (const digest of ['sha256:zz', 'md5:d41d8cd98f00b204e9800998ecf8427e', `sha256:${'A'.repeat(64)}`, 'nothing']) {
      const single = await ground().ask('POST', repository, `blobs/uploads/?digest=${digest}`, { body: 'x' });
      expect([digest, single.status, codeOf(single)]).toEqual([digest, 400, 'DIGEST_INVALID']);
      const put = await ground().client.finishUpload(repository, await start(ground()), digest, 'x');
      expect([digest, put.status, codeOf(put)]).toEqual([digest, 400, 'DIGEST_INVALID']);
    }
  });

  requirement(250, 'the response MUST have a code of 202 Accepted, and MUST include Location', async () => {
    const answer = await ground().ask('POST', repository, 'blobs/uploads/');
    expect(answer.status).toBe(202);
    // spec.md:256: with a session that nobody guesses.
    expect(pathOf(answer, ground().way)).toMatch(uuid);
  });

  requirement(280, 'PUT: the response MUST have code 201 Created and MUST have Location', async () => {
    const blob = make('post then put');
    const answer = await ground().client.finishUpload(repository, await start(ground()), blob.digest, blob.bytes);
    expect(answer.status).toBe(201);
    expect(await pulled(ground(), pathOf(answer, ground().way))).toEqual(blob.bytes);
  });

  requirement(312, 'Single POST: MUST return a 201 Created and MUST include Location', async () => {
    const blob = make('single post');
    const path = `blobs/uploads/?digest=${blob.digest}`;
    const answer = await ground().ask('POST', repository, path, { body: blob.bytes });
    expect(answer.status).toBe(201);
    expect(await pulled(ground(), pathOf(answer, ground().way))).toEqual(blob.bytes);
  });

  requirement(308, 'the <digest> MUST match the blob’s digest', async () => {
    const [promised, sent] = [make('promised'), make('sent')];
    const post = await ground().ask('POST', repository, `blobs/uploads/?digest=${promised.digest}`, {
      body: sent.bytes,
    });
    const put = await ground().client.finishUpload(repository, await start(ground()), promised.digest, sent.bytes);
    for (const answer of [post, put]) expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
    for (const { digest } of [promised, sent]) {
      expect((await ground().ask('HEAD', repository, `blobs/${digest}`)).status).toBe(404);
    }
  });

  requirement(335, 'a digest algorithm other than sha256: the digest-algorithm parameter', async () => {
    const { bytes } = make('sha512');
    const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const location = await start(ground(), '?digest-algorithm=sha512');
    await ground().client.append(repository, location, bytes);
    expect((await ground().client.finishUpload(repository, location, digest)).status).toBe(201);
    const answer = await ground().ask('GET', repository, `blobs/${digest}`);
    expect([answer.body.equals(bytes), answer.headers['docker-content-digest']]).toEqual([true, digest]);
    const refused = await ground().ask('POST', repository, 'blobs/uploads/?digest-algorithm=md5');
    expect([refused.status, codeOf(refused)]).toEqual([400, 'DIGEST_INVALID']);
  });

  requirement(376, 'each successful chunk upload MUST be 202 Accepted, and MUST have Location and Range', async () => {
    const { bytes, digest } = make('chunks');
    let location = await start(ground());
    for (const first of [0, 1000, 2000]) {
      const answer = await chunk(ground(), location, first, bytes.subarray(first, first + 1000));
      expect([answer.status, answer.headers.range]).toEqual([202, `0-${first + 999}`]);
      location = pathOf(answer, ground().way);
    }
    // spec.md:410: the closing PUT.
    const closed = await ground().client.finishUpload(repository, location, digest);
    expect(closed.status).toBe(201);
    expect(await pulled(ground(), pathOf(closed, ground().way))).toEqual(bytes);
  });

  requirement(391, 'The final chunk MAY be uploaded in the closing PUT request', async () => {
    const { bytes, digest } = make('last chunk');
    const location = await start(ground());
    await chunk(ground(), location, 0, bytes.subarray(0, 2000));
    const answer = await ground().client.finishUpload(repository, location, digest, bytes.subarray(2000));
    expect(answer.status).toBe(201);
    expect((await ground().client.getBlob(repository, digest)).body).toEqual(bytes);
  });

  requirement(388, 'If a chunk is uploaded out of order, the registry MUST respond with 416', async () => {
    const { bytes } = make('out of order');
    const location = await start(ground());
    expect((await chunk(ground(), location, 1000, bytes.subarray(1000))).status).toBe(416);
    expect((await chunk(ground(), location, 0, bytes.subarray(0, 1000))).status).toBe(202);
    for (const first of [0, 500, 1500]) {
      expect([first, (await chunk(ground(), location, first, bytes.subarray(0, 1000))).status]).toEqual([first, 416]);
    }
  });

  requirement(417, 'If the final chunk is uploaded out of order, the registry MUST respond with 416', async () => {
    const { bytes, digest } = make('last out of order');
    const location = await start(ground());
    await chunk(ground(), location, 0, bytes.subarray(0, 1000));
    const path = `${location.slice(`/v2/${repository}/`.length)}?digest=${digest}`;
    const headers = { 'content-range': '2000-2999' };
    const wrong = await ground().ask('PUT', repository, path, { body: bytes.subarray(2000), headers });
    expect([wrong.status, wrong.headers.range]).toEqual([416, '0-999']);
    expect((await ground().client.finishUpload(repository, location, digest, bytes.subarray(1000))).status).toBe(201);
  });

  requirement(425, 'an active upload MUST be a 204 No Content, and MUST have Location and Range', async () => {
    const { bytes } = make('status');
    const location = await start(ground());
    await chunk(ground(), location, 0, bytes.subarray(0, 700));
    const answer = await ground().client.uploadStatus(repository, location);
    expect([answer.status, answer.headers.range]).toEqual([204, '0-699']);
    expect((await chunk(ground(), pathOf(answer, ground().way), 700, bytes.subarray(700))).status).toBe(202);
  });

  requirement(447, 'Cancel: if successful, the response SHOULD be a 204 No Content', async () => {
    const location = await start(ground());
    const path = location.slice(`/v2/${repository}/`.length);
    expect((await ground().client.request(repository, path, { method: 'DELETE' })).status).toBe(204);
    expect((await ground().client.uploadStatus(repository, location)).status).toBe(404);
  });

  requirement(464, 'The response to a successful mount MUST be 201 Created, and MUST contain Location', async () => {
    const blob = make('mounted');
    await ground().client.pushBlob('conf/source', blob);
    const token = await ground().client.token(`repository:${repository}:pull,push repository:conf/source:pull`);
    for (const query of [`mount=${blob.digest}&from=conf/source`, `mount=${blob.digest}`]) {
      // spec.md:473: `from` is optional.
      const answer = await ground().client.raw(`/v2/${repository}/blobs/uploads/?${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
      expect([query, answer.status, answer.headers['docker-content-digest']]).toEqual([query, 201, blob.digest]);
      expect(await pulled(ground(), pathOf(answer, ground().way))).toEqual(blob.bytes);
    }
  });

  requirement(475, 'if a registry is unable to mount the requested blob, it SHOULD return a 202', async () => {
    const blob = make('not there');
    for (const from of ['conf/source', 'conf/nonexistent', 'UPPER', '..']) {
      const path = `blobs/uploads/?mount=${blob.digest}&from=${from}`;
      const answer = await ground().ask('POST', repository, path);
      expect([from, answer.status]).toEqual([from, 202]);
      const finished = await ground().client.finishUpload(
        repository,
        pathOf(answer, ground().way),
        blob.digest,
        blob.bytes,
      );
      expect(finished.status).toBe(201);
      await ground().ask('DELETE', repository, `blobs/${blob.digest}`);
    }
  });
};
