import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { buildImage, buildIndex } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';

/** The client and the images that the other specs rely on, measured against a registry that is not ours. */
requireTool('docker-registry')('our own client against CNCF Distribution', () => {
  let registry: DockerRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(async () => {
    await registry?.stop();
  });

  it('pushes and pulls an image byte for byte', async () => {
    const client = await RegistryClient.open(registry.url);
    const image = buildImage({ seed: 'own', layers: [0, 1, 100_000] });
    await client.push('own/image', 'v1', image);
    expect(await client.pull('own/image', 'v1')).toBe(image.manifest.digest);
  });

  it('pushes and pulls an index with its platforms', async () => {
    const client = await RegistryClient.open(registry.url);
    const index = buildIndex({ seed: 'own', layers: [5_000] });
    await client.push('own/index', 'v1', index);
    expect(await client.pull('own/index', 'v1')).toBe(index.manifest.digest);
  });

  it('notices a tag that does not exist', async () => {
    const client = await RegistryClient.open(registry.url);
    await expect(client.pull('own/image', 'absent')).rejects.toThrow('expected 200, got 404');
  });
});
