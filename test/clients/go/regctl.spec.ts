import { writeFile } from 'node:fs/promises';
import { buildImage } from '../../support/images.js';
import { succeed } from '../client.js';
import { clientContract } from '../contract.js';
import { LayoutClient } from './layout-client.js';
import { requireGoProgram } from './programs.js';
import { signedIn } from './signed-in.js';

const block = await requireGoProgram('regctl');

block('regctl', () => {
  clientContract((host) => LayoutClient.start('regctl', host));

  describe('signed in', () => {
    const our = signedIn('regctl');
    const image = buildImage({ seed: 'regctl', layers: [10_000] });
    beforeAll(async () => {
      const { raw } = our();
      for (const name of ['team/app', 'team/other']) await raw.push(name, 'v1', image);
    });

    const said = async (...parameters: string[]) => {
      const ran = await our().client.run(...parameters);
      succeed(ran);
      return ran.stdout.trim();
    };

    it('lists repositories and tags, and tells the digest of a manifest', async () => {
      const { client } = our();
      expect((await said('repo', 'ls', client.at('').replace('/', ''))).split('\n')).toEqual([
        'team/app',
        'team/other',
      ]);
      expect(await said('tag', 'ls', client.at('team/app'))).toBe('v1');
      expect(await said('image', 'digest', client.at('team/app:v1'))).toBe(image.manifest.digest);
    }, 60_000);

    it('attaches an artifact, finds it, gets its bytes back, and takes it along with a copy', async () => {
      const { client } = our();
      await writeFile(client.path('bill.json'), '{"packages":[]}');
      const type = 'application/spdx+json';
      const options = ['--artifact-type', type, '--file', client.path('bill.json'), '--file-media-type', type];
      succeed(await client.run('artifact', 'put', ...options, '--subject', client.at('team/app:v1')));
      for (const command of ['list', 'tree']) {
        expect(await said('artifact', command, client.at('team/app:v1'))).toContain(type);
      }
      expect(await said('artifact', 'get', '--subject', client.at('team/app:v1'))).toBe('{"packages":[]}');
      succeed(await client.run('image', 'copy', '--referrers', client.at('team/app:v1'), client.at('team/copied:v1')));
      expect(await said('artifact', 'get', '--subject', client.at('team/copied:v1'))).toBe('{"packages":[]}');
      expect(await said('tag', 'ls', client.at('team/copied'))).toBe('v1'); // none of the fallback's tags
    }, 60_000);

    it('deletes one tag of two on one image', async () => {
      const { client, raw } = our();
      await raw.push('team/other', 'v2', image);
      succeed(await client.run('tag', 'rm', client.at('team/other:v2')));
      expect(await said('tag', 'ls', client.at('team/other'))).toBe('v1');
      expect(await raw.pull('team/other', 'v1')).toBe(image.manifest.digest);
    }, 60_000);
  });
});
