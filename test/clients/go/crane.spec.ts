import { buildImage } from '../../support/images.js';
import { succeed } from '../client.js';
import { clientContract } from '../contract.js';
import { LayoutClient } from './layout-client.js';
import { requireGoProgram } from './programs.js';
import { signedIn } from './signed-in.js';

const block = await requireGoProgram('crane');

block('crane', () => {
  clientContract((host) => LayoutClient.start('crane', host));

  describe('signed in', () => {
    const our = signedIn('crane');
    const image = buildImage({ seed: 'crane', layers: [10_000] });
    beforeAll(async () => {
      const { raw } = our();
      for (const name of ['team/app', 'team/other']) await raw.push(name, 'v1', image);
    });

    const lines = async (...parameters: string[]) => {
      const ran = await our().client.run(...parameters);
      succeed(ran);
      return ran.stdout.trim().split('\n');
    };

    it('lists repositories and tags, and tells the digest and the bytes of a manifest', async () => {
      const { client } = our();
      expect(await lines('catalog', client.at('').replace('/', ''))).toEqual(['team/app', 'team/other']);
      expect(await lines('ls', client.at('team/app'))).toEqual(['v1']);
      expect(await lines('digest', client.at('team/app:v1'))).toEqual([image.manifest.digest]);
      expect(await lines('manifest', client.at('team/app:v1'))).toEqual([image.manifest.bytes.toString()]);
    }, 60_000);

    it('adds a tag, and deletes by digest what both tags named', async () => {
      const { client } = our();
      succeed(await client.run('tag', client.at('team/other:v1'), 'stable'));
      expect((await lines('ls', client.at('team/other'))).sort()).toEqual(['stable', 'v1']);
      succeed(await client.run('delete', client.at(`team/other@${image.manifest.digest}`)));
      expect(await lines('ls', client.at('team/other'))).toEqual(['']);
      expect(await lines('ls', client.at('team/app'))).toEqual(['v1']);
    }, 60_000);
  });
});
