import { type Content, content, randomBytesOf } from '../../support/images.js';
import { type Chapter, codeOf, imageManifest, parsed, putManifest, requirement } from '../ground.js';

const repository = 'conf/pull';
const unknown = content('', Buffer.from('nobody has this')).digest;

/** "Pulling manifests", "Pulling blobs", "Checking if content exists in the registry". */
export const pull: Chapter = (ground) => {
  const manifest = imageManifest({ annotations: { chapter: 'pull' } });
  const blob: Content = content('application/octet-stream', randomBytesOf('conformance pull', 200_000));

  beforeAll(async () => {
    await putManifest(ground(), repository, 'v1', manifest);
    await ground().client.pushBlob(repository, blob);
  });

  requirement(149, '<name> MUST match the following regular expression', async () => {
    for (const name of ['conf/a', 'conf/a.b_c__d-e---f/0', `conf/${'a'.repeat(250)}`]) {
      expect([name, (await ground().ask('GET', name, `referrers/${unknown}`)).status]).toEqual([name, 200]);
    }
    for (const name of ['conf/A', 'conf/-a', 'conf/a-', 'conf/a..b', 'conf/a___b', `conf/${'a'.repeat(251)}`]) {
      const answer = await ground().ask('GET', name, 'tags/list');
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 400, 'NAME_INVALID']);
    }
  });

  requirement(158, '<tag-or-digest> as a tag MUST be at most 128 characters in length and MUST match', async () => {
    for (const tag of ['_', 'A.b-c_0', '0'.repeat(128)]) await putManifest(ground(), repository, tag, manifest);
    for (const tag of ['.a', '-a', 'a+b', 'a b', '0'.repeat(129)]) {
      const answer = await ground().client.putManifest(repository, encodeURIComponent(tag), manifest);
      expect([tag, answer.status, codeOf(answer)]).toEqual([tag, 400, 'TAG_INVALID']);
    }
  });

  requirement(158, 'a <reference> that is no tag names nothing, whoever asks for it', async () => {
    for (const tag of ['.INVALID_MANIFEST_NAME', '-a', '0'.repeat(129)]) {
      const answer = await ground().ask('GET', repository, `manifests/${tag}`);
      expect([tag, answer.status, codeOf(answer)]).toEqual([tag, 404, 'MANIFEST_UNKNOWN']);
      const head = await ground().ask('HEAD', repository, `manifests/${tag}`);
      expect([tag, head.status]).toEqual([tag, 404]);
      const deleted = await ground().ask('DELETE', repository, `manifests/${tag}`);
      expect([tag, deleted.status]).toEqual([tag, 404]);
    }
  });

  requirement(164, 'The registry SHOULD NOT include parameters on the Content-Type header', async () => {
    const { headers } = await ground().ask('GET', repository, 'manifests/v1');
    expect(headers['content-type']).toBe(manifest.mediaType);
  });

  requirement(170, 'A GET request to an existing manifest URL MUST provide the expected manifest, 200 OK', async () => {
    for (const reference of ['v1', manifest.digest]) {
      const answer = await ground().ask('GET', repository, `manifests/${reference}`);
      expect([answer.status, answer.body.toString()]).toEqual([200, manifest.bytes.toString()]);
    }
  });

  requirement(171, 'A successful response MUST contain the digest in the header Docker-Content-Digest', async () => {
    for (const reference of ['v1', manifest.digest]) {
      const { headers } = await ground().ask('GET', repository, `manifests/${reference}`);
      expect(headers['docker-content-digest']).toBe(manifest.digest);
    }
  });

  requirement(179, 'If the manifest is not found in the repository, the response code MUST be 404', async () => {
    for (const reference of ['none', unknown]) {
      const answer = await ground().ask('GET', repository, `manifests/${reference}`);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'MANIFEST_UNKNOWN']);
    }
  });

  requirement(188, 'A GET request to an existing blob URL MUST provide the expected blob, 200 OK', async () => {
    const answer = await ground().ask('GET', repository, `blobs/${blob.digest}`);
    expect([answer.status, answer.body.equals(blob.bytes)]).toEqual([200, true]);
  });

  requirement(190, 'the value of this header MUST be a digest matching that of the response body', async () => {
    const answer = await ground().ask('GET', repository, `blobs/${blob.digest}`);
    expect(answer.headers['docker-content-digest']).toBe(content('', answer.body).digest);
  });

  requirement(194, 'If the blob is not found in the repository, the response code MUST be 404', async () => {
    const answer = await ground().ask('GET', repository, `blobs/${unknown}`);
    expect([answer.status, codeOf(answer)]).toEqual([404, 'BLOB_UNKNOWN']);
  });

  requirement(196, 'A registry SHOULD support the Range request header', async () => {
    const answer = await ground().ask('GET', repository, `blobs/${blob.digest}`, { headers: { range: 'bytes=9-99' } });
    expect([answer.status, answer.headers['content-range']]).toEqual([206, 'bytes 9-99/200000']);
    expect(answer.body.equals(blob.bytes.subarray(9, 100))).toBe(true);
  });

  requirement(206, 'A HEAD request to an existing blob or manifest URL MUST return 200 OK', async () => {
    for (const [path, { digest, bytes }] of [
      ['manifests/v1', manifest],
      [`manifests/${manifest.digest}`, manifest],
      [`blobs/${blob.digest}`, blob],
    ] as const) {
      const { status, headers, body } = await ground().ask('HEAD', repository, path);
      // spec.md:207 and 208: digest and size come with it.
      expect({ status, body: body.length }).toEqual({ status: 200, body: 0 });
      expect(headers).toMatchObject({ 'docker-content-digest': digest, 'content-length': String(bytes.length) });
    }
  });

  requirement(
    214,
    'If the blob or manifest is not found in the repository, the response code MUST be 404',
    async () => {
      for (const path of ['manifests/none', `manifests/${unknown}`, `blobs/${unknown}`]) {
        const answer = await ground().ask('HEAD', repository, path);
        expect([path, answer.status, answer.body.length]).toEqual([path, 404, 0]);
      }
    },
  );

  requirement(536, 'An attempt to pull a nonexistent repository MUST return response code 404', async () => {
    for (const path of ['manifests/v1', `manifests/${manifest.digest}`, `blobs/${blob.digest}`, 'tags/list']) {
      expect([path, (await ground().ask('GET', 'conf/nonexistent', path)).status]).toEqual([path, 404]);
    }
  });

  requirement(768, 'A registry MAY choose to ignore the ns query parameter', async () => {
    const answer = await ground().ask('GET', repository, 'manifests/v1?ns=registry.example.org');
    expect([answer.status, parsed(answer)]).toEqual([200, JSON.parse(manifest.bytes.toString())]);
  });
};
