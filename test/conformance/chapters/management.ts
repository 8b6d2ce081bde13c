import { content, randomBytesOf } from '../../support/images.js';
import { type Chapter, codeOf, imageManifest, parsed, putManifest, requirement } from '../ground.js';

const repository = 'conf/management';

/** "Deleting tags", "Deleting Manifests" and "Deleting Blobs". Each is gone with the answer, not a moment later. */
export const management: Chapter = (ground) => {
  const remove = (path: string, where = repository) => ground().ask('DELETE', where, path);
  const statusOf = async (path: string) => (await ground().ask('HEAD', repository, path)).status;
  const manifest = imageManifest({ annotations: { to: 'be deleted' } });
  const put = (reference: string) => putManifest(ground(), repository, reference, manifest);

  requirement(723, 'Deleting tags: the registry MUST respond with a 202 Accepted code', async () => {
    await put('stays');
    await put('goes');
    expect((await remove('manifests/goes')).status).toBe(202);
    // spec.md:726: and a GET answers 404; siblings and the manifest stay.
    expect(await statusOf('manifests/goes')).toBe(404);
    expect([await statusOf('manifests/stays'), await statusOf(`manifests/${manifest.digest}`)]).toEqual([200, 200]);
    expect(parsed(await ground().ask('GET', repository, 'tags/list')).tags).toEqual(['stays']);
    const again = await remove('manifests/goes');
    expect([again.status, codeOf(again)]).toEqual([404, 'MANIFEST_UNKNOWN']);
  });

  requirement(733, 'Deleting Manifests: the registry MUST respond with a 202 Accepted code', async () => {
    await put('one');
    await put('two');
    expect((await remove(`manifests/${manifest.digest}`)).status).toBe(202);
    // spec.md:737: and any tag pointing to that digest answers 404.
    for (const reference of ['one', 'two', manifest.digest]) expect(await statusOf(`manifests/${reference}`)).toBe(404);
    expect(parsed(await ground().ask('GET', repository, 'tags/list')).tags).toEqual([]);
  });

  requirement(734, 'If the repository does not exist, the response MUST return 404 Not Found', async () => {
    for (const path of ['manifests/v1', `manifests/${manifest.digest}`, `blobs/${manifest.digest}`]) {
      expect([path, (await remove(path, 'conf/nonexistent')).status]).toEqual([path, 404]);
    }
  });

  requirement(753, 'Deleting Blobs: the registry MUST respond with code 202 Accepted', async () => {
    const blob = content('', randomBytesOf('conformance delete', 500));
    await ground().client.pushBlob(repository, blob);
    expect((await remove(`blobs/${blob.digest}`)).status).toBe(202);
    expect(await statusOf(`blobs/${blob.digest}`)).toBe(404);
    // spec.md:754: what is not found is 404.
    const again = await remove(`blobs/${blob.digest}`);
    expect([again.status, codeOf(again)]).toEqual([404, 'BLOB_UNKNOWN']);
  });
};
