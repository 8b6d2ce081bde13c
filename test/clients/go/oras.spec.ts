import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { buildImage, randomBytesOf } from '../../support/images.js';
import { succeed } from '../client.js';
import { clientContract } from '../contract.js';
import { LayoutClient } from './layout-client.js';
import { requireGoProgram } from './programs.js';
import { signedIn } from './signed-in.js';

const block = await requireGoProgram('oras');

block('oras', () => {
  clientContract((host) => LayoutClient.start('oras', host));

  describe('signed in', () => {
    const our = signedIn('oras');
    const image = buildImage({ seed: 'oras', layers: [10_000] });
    beforeAll(async () => {
      await our().raw.push('team/app', 'v1', image);
    });

    const said = async (...parameters: string[]) => {
      const ran = await our().client.run(...parameters, '--plain-http');
      succeed(ran);
      return ran.stdout.trim();
    };

    it('pushes files as an artifact and pulls the same bytes', async () => {
      const { client } = our();
      const bytes = randomBytesOf('model', 300_000);
      await writeFile(client.path('model.bin'), bytes);
      await said('push', '--artifact-type', 'application/vnd.team.model', client.at('team/model:v1'), 'model.bin');
      await mkdir(client.path('pulled'));
      await said('pull', '--output', client.path('pulled'), client.at('team/model:v1'));
      expect(await readFile(client.path('pulled', 'model.bin'))).toEqual(bytes);
    }, 60_000);

    it('lists repositories and tags, and tells the bytes of a manifest', async () => {
      const { client } = our();
      expect((await said('repo', 'ls', client.at('').replace('/', ''))).split('\n')).toContain('team/app');
      expect(await said('repo', 'tags', client.at('team/app'))).toBe('v1');
      expect(await said('manifest', 'fetch', client.at('team/app:v1'))).toBe(image.manifest.bytes.toString());
    }, 60_000);

    it('attaches a file, discovers it, gets its bytes back, and takes it along with a copy', async () => {
      const { client } = our();
      const type = 'application/spdx+json';
      await writeFile(client.path('bill.json'), '{"packages":[]}');
      await said('attach', '--artifact-type', type, client.at('team/app:v1'), `bill.json:${type}`);
      const found = async (name: string) => {
        const { referrers } = JSON.parse(await said('discover', '--format', 'json', client.at(name)));
        return referrers.map((each: { artifactType: string; digest: string }) => [each.artifactType, each.digest]);
      };
      const attached = await found('team/app:v1');
      expect(attached).toEqual([[type, expect.stringMatching(/^sha256:/)]]);
      await mkdir(client.path('bills'));
      await said('pull', '--output', client.path('bills'), client.at(`team/app@${attached[0][1]}`));
      expect(await readFile(client.path('bills', 'bill.json'), 'utf8')).toBe('{"packages":[]}');

      const options = ['--recursive', '--from-plain-http', '--to-plain-http'];
      succeed(await client.run('cp', ...options, client.at('team/app:v1'), client.at('team/copied:v1')));
      expect(await found('team/copied:v1')).toEqual(attached);
      expect(await said('repo', 'tags', client.at('team/copied'))).toBe('v1'); // none of the fallback's tags
    }, 60_000);

    it('deletes an artifact that was attached, and the subject has it no more', async () => {
      const { client } = our();
      await writeFile(client.path('note.txt'), 'soon gone');
      const put = await said(
        'attach',
        '--artifact-type',
        'text/note',
        '--format',
        'json',
        client.at('team/app:v1'),
        'note.txt',
      );
      const { digest } = JSON.parse(put);
      await said('manifest', 'delete', '--force', client.at(`team/app@${digest}`));
      const left = await said('discover', '--artifact-type', 'text/note', '--format', 'json', client.at('team/app:v1'));
      expect(JSON.parse(left).referrers ?? []).toEqual([]);
    }, 60_000);
  });
});
