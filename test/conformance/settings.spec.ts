import { type Berth, startBerth } from '../support/berth.js';
import { content, descriptor } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { codeOf, emptyJson, imageManifest, indexManifest, requirement } from './ground.js';

const repository = 'conf/settings';
const missing = descriptor(content('application/octet-stream', Buffer.from('not here')));
const child = descriptor(imageManifest({ annotations: { not: 'here' } }));

async function withBerth(env: Record<string, string>, proof: (client: RegistryClient) => Promise<void>): Promise<void> {
  const berth: Berth = await startBerth({ env });
  try {
    await proof(await RegistryClient.open(berth.url, berth.admin));
  } finally {
    await berth.stop();
  }
}

describe('with BERTH_SPARSE_INDEXES', () => {
  requirement(222, 'A registry MAY reject a manifest that references a manifest or blob that does not exist', () =>
    withBerth({ BERTH_SPARSE_INDEXES: 'true' }, async (client) => {
      await client.pushBlob(repository, emptyJson);
      for (const manifest of [indexManifest({ manifests: [child] }), imageManifest({ layers: [missing] })]) {
        expect((await client.putManifest(repository, 'sparse', manifest)).status).toBe(201);
        expect((await client.getManifest(repository, 'sparse')).body).toEqual(manifest.bytes);
      }
      expect((await client.getManifest(repository, child.digest)).status).toBe(404);
    }),
  );
});

describe('with BERTH_DELETE_ENABLED=false', () => {
  requirement(724, 'If deletion is disabled, the registry MUST respond with 400 or 405', () =>
    withBerth({ BERTH_DELETE_ENABLED: 'false' }, async (client) => {
      await client.pushBlob(repository, emptyJson);
      const manifest = imageManifest();
      await client.putManifest(repository, 'v1', manifest);
      // spec.md:735 and 755 say the same of manifests and blobs.
      for (const path of ['manifests/v1', `manifests/${manifest.digest}`, `blobs/${emptyJson.digest}`]) {
        const answer = await client.request(repository, path, { method: 'DELETE', actions: 'delete' });
        expect([path, answer.status, codeOf(answer)]).toEqual([path, 405, 'UNSUPPORTED']);
        expect((await client.request(repository, path, { method: 'HEAD' })).status).toBe(200);
      }
    }),
  );
});
