import { content, descriptor, json, types } from '../../support/images.js';
import {
  type Chapter,
  codeOf,
  emptyJson,
  imageManifest,
  indexManifest,
  parsed,
  pathOf,
  putManifest,
  requirement,
} from '../ground.js';

const repository = 'conf/manifests';
const missing = content('application/octet-stream', Buffer.from('not pushed'));

/** "Pushing Manifests" and "Pushing Manifests with Subject". */
export const pushManifests: Chapter = (ground) => {
  beforeAll(() => ground().client.pushBlob(repository, emptyJson));
  const put = (reference: string, bytes: Buffer | string, mediaType: string = types.manifest) =>
    ground().ask('PUT', repository, `manifests/${reference}`, { body: bytes, headers: { 'content-type': mediaType } });

  requirement(221, 'MUST accept a manifest with a subject that references a manifest that does not exist', async () => {
    const manifest = imageManifest({ subject: descriptor(imageManifest({ annotations: { no: 'where' } })) });
    expect((await put(manifest.digest, manifest.bytes)).status).toBe(201);
  });

  requirement(223, 'rejected for this reason, it MUST result in MANIFEST_BLOB_UNKNOWN errors', async () => {
    const child = { ...descriptor(imageManifest({ annotations: { not: 'pushed' } })) };
    for (const [manifest, digest] of [
      [imageManifest({ layers: [descriptor(missing)] }), missing.digest],
      [imageManifest({}, missing), missing.digest],
      [indexManifest({ manifests: [child] }), child.digest],
    ] as const) {
      const answer = await put('unknown', manifest.bytes, manifest.mediaType);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
      expect(parsed(answer).errors[0].detail).toEqual({ digest });
    }
    expect((await ground().ask('HEAD', repository, 'manifests/unknown')).status).toBe(404);
  });

  requirement(484, 'The registry SHOULD ignore parameters on the Content-Type header', async () => {
    const manifest = imageManifest();
    expect((await put('parameters', manifest.bytes, `${types.manifest}; charset=utf-8`)).status).toBe(201);
    const { headers } = await ground().ask('GET', repository, 'manifests/parameters');
    expect(headers['content-type']).toBe(types.manifest);
  });

  requirement(502, 'the list of blobs MAY be empty', async () => {
    await putManifest(ground(), repository, 'no-layers', imageManifest());
    await putManifest(ground(), repository, 'no-manifests', indexManifest());
  });

  requirement(504, 'MUST store the manifest in the exact byte representation provided by the client', async () => {
    const body = JSON.parse(imageManifest({ annotations: { 数据: 'é"\\' } }).bytes.toString());
    const bytes = Buffer.from(` \n${JSON.stringify(body, null, 7)}\r\n\t `);
    expect((await put('bytes', bytes)).status).toBe(201);
    expect((await ground().ask('GET', repository, 'manifests/bytes')).body).toEqual(bytes);
  });

  requirement(505, 'MUST return response code 201 Created, and MUST have Location', async () => {
    const manifest = imageManifest({ annotations: { at: 'location' } });
    for (const reference of ['location', manifest.digest]) {
      const answer = await put(reference, manifest.bytes);
      // spec.md:512: the digest that the client provided.
      expect([answer.status, answer.headers['docker-content-digest']]).toEqual([201, manifest.digest]);
      const path = pathOf(answer, ground().way).slice(`/v2/${repository}/`.length);
      expect((await ground().ask('GET', repository, path)).body).toEqual(manifest.bytes);
    }
  });

  requirement(518, 'SHOULD support pushing at least 10 tags per request', async () => {
    const manifest = imageManifest({ annotations: { many: 'tags' } });
    const tags = Array.from({ length: 12 }, (_, index) => `many-${index}`);
    const query = tags.map((tag) => `tag=${tag}`).join('&');
    const answer = await put(`${manifest.digest}?${query}`, manifest.bytes);
    expect(answer.status).toBe(201);
    // spec.md:520: OCI-Tag for each accepted one.
    expect(String(answer.headers['oci-tag']).split(', ')).toEqual(tags);
    for (const tag of tags) {
      const { headers } = await ground().ask('HEAD', repository, `manifests/${tag}`);
      expect(headers['docker-content-digest']).toBe(manifest.digest);
    }
  });

  requirement(539, 'a manifest over this limit with a response code 413 Payload Too Large', async () => {
    const large = imageManifest({ annotations: { large: 'x'.repeat(4 * 1024 * 1024) } });
    const headers = { 'content-type': types.manifest };
    // A connection of its own: a proxy may hang up after an answer that came before the body was over.
    const own = { body: large.bytes, headers, agent: undefined };
    const answer = await ground().ask('PUT', repository, 'manifests/large', own);
    expect([answer.status, codeOf(answer)]).toEqual([413, 'SIZE_INVALID']);
  });

  requirement(540, 'SHOULD expect to be able to support manifest pushes of at least 4 megabytes', async () => {
    const padding = 4_000_000 - imageManifest({ annotations: { large: '' } }).bytes.length;
    const manifest = imageManifest({ annotations: { large: 'x'.repeat(padding) } });
    expect(manifest.bytes.length).toBe(4_000_000);
    await putManifest(ground(), repository, 'four-megabytes', manifest);
    expect((await ground().ask('GET', repository, 'manifests/four-megabytes')).body.equals(manifest.bytes)).toBe(true);
  });

  requirement(544, 'MUST respond with the response header OCI-Subject: <subject digest>', async () => {
    const subject = descriptor(imageManifest());
    for (const manifest of [imageManifest({ subject }), indexManifest({ subject })]) {
      expect((await put('about', manifest.bytes, manifest.mediaType)).headers['oci-subject']).toBe(subject.digest);
    }
    expect((await put('about', imageManifest().bytes)).headers).not.toHaveProperty('oci-subject');
  });

  test('image-spec: artifacts of any type, with any config, layers and fields of their own', async () => {
    const config = content('application/vnd.example.config+json', Buffer.from('{"any":"thing"}'));
    const layer = content('application/vnd.buildkit.cacheconfig.v0', Buffer.from('cache'));
    await ground().client.pushBlob(repository, config);
    await ground().client.pushBlob(repository, layer);
    const fields = {
      artifactType: 'application/vnd.example+json',
      layers: [descriptor(layer)],
      'org.example': [1, {}],
    };
    const manifest = imageManifest(fields, config);
    await putManifest(ground(), repository, 'artifact', manifest);
    expect((await ground().ask('GET', repository, 'manifests/artifact')).body).toEqual(manifest.bytes);
  });

  test('image-spec: layers that stay elsewhere, and content inside the descriptor', async () => {
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: missing.digest,
      size: missing.bytes.length,
      urls: ['http://127.0.0.1:9/layer'],
    };
    const data = { ...descriptor(emptyJson), data: emptyJson.bytes.toString('base64') };
    await putManifest(ground(), repository, 'foreign', imageManifest({ config: data, layers: [foreign] }));
    expect((await ground().ask('HEAD', repository, `blobs/${missing.digest}`)).status).toBe(404);
  });

  test('image-spec: indexes of images, of indexes and of nothing, and Docker’s own types', async () => {
    const image = imageManifest({ annotations: { leaf: 'yes' } });
    await putManifest(ground(), repository, image.digest, image);
    const index = indexManifest({ manifests: [descriptor(image)] });
    await putManifest(ground(), repository, index.digest, index);
    await putManifest(ground(), repository, 'nested', indexManifest({ manifests: [descriptor(index)] }));
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    const docker = json(mediaType, { ...JSON.parse(image.bytes.toString()), mediaType });
    await putManifest(ground(), repository, 'docker', docker);
    expect((await ground().ask('GET', repository, 'manifests/docker')).headers['content-type']).toBe(mediaType);
  });

  test('schema 1 is refused, and the answer says what to push instead', async () => {
    const schema1 = { schemaVersion: 1, name: repository, tag: 'v1', fsLayers: [], history: [] };
    const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    const answer = await put('old', JSON.stringify(schema1), type);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MANIFEST_INVALID']);
    expect(parsed(answer).errors[0].message).toMatch(/schema 1 .* push schema 2 or OCI/);
  });
};
