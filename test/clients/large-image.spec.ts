import { allOf } from '../support/all-of.js';
import { type Berth, startBerth } from '../support/berth.js';
import { type BuiltImage, buildImage, sha256 } from '../support/images.js';
import { type Nginx, startNginx } from '../support/nginx.js';
import { requireRoot } from '../support/tools.js';
import { layersInRegistry } from './contract.js';
import { Docker } from './docker.js';

requireRoot(
  'docker',
  'dockerd',
  'containerd',
  'runc',
  'nginx',
)('an image of 200 MB in five layers, by docker', () => {
  let image: BuiltImage;
  let berth: Berth;
  let nginx: Nginx;

  beforeAll(async () => {
    image = buildImage({ seed: 'large', layers: [64, 56, 48, 31, 1].map((megabytes) => megabytes * 1_000_000) });
    berth = await startBerth();
    nginx = await startNginx(berth.host);
  }, 60_000);
  afterAll(async () => {
    await allOf(nginx?.stop(), berth?.stop());
  }, 60_000);

  it.each([
    ['directly', 'team/direct', () => berth.host],
    ['through nginx as it is shipped', 'team/proxied', () => nginx.host],
  ])(
    'goes in and comes out byte for byte, %s, with a restart in between',
    async (_, repository, host) => {
      const docker = await Docker.start(host());
      try {
        await docker.login(berth.admin.username, berth.admin.password);
        expect(await docker.push(image, `${repository}:v1`)).toMatchObject({ code: 0 });
        await berth.restart();
        expect(await docker.pull(`${repository}:v1`)).toMatchObject({ code: 0 });
        expect(await docker.layers(`${repository}:v1`)).toEqual(image.layerTars.map(sha256));
        expect(await layersInRegistry(berth, repository, 'v1')).toEqual(image.layerTars.map(sha256));
      } finally {
        await docker.close();
      }
    },
    240_000,
  );
});
