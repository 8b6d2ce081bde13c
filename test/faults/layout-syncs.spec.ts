import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../support/berth.js';
import { buildImage, KiB } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { parseTrace, traced } from '../support/strace.js';
import { requireTool } from '../support/tools.js';

const image = buildImage({ seed: 'layout syncs', layers: [2 * KiB] });
const tags = 'docker/registry/v2/repositories/team/app/_manifests/tags';

/** After a sync that failed the kernel forgets what it could not write, and says of the next one that all is well. */
requireTool('strace')('a file of the layout whose sync failed', () => {
  it('is written again before anything relies on it, and is never in its place without being on the disk', async () => {
    const berth = await startBerth();
    const directory = await mkdtemp(join(tmpdir(), 'berth-trace-'));
    const link = join(berth.dataDir, tags, 'one/current/link');
    try {
      const client = await RegistryClient.open(berth.url, berth.admin);
      const layout = async () => (await berth.api('GET', '/readyz', undefined, null)).body.consumers.layout;
      const output = join(directory, 'trace.txt');
      const paths = [link, `${link}.new`].flatMap((path) => ['-P', path]);
      const failing = ['-e', 'trace=fsync,fdatasync,rename', '-e', 'inject=fsync,fdatasync:error=EIO'];
      await traced(berth.pid, ['-y', '-o', output, ...paths, ...failing], async () => {
        await client.push('team/app', 'one', image);
        await until('it was tried three times', async () => {
          const { failures, lag } = await layout();
          return failures === 3 || lag === 0;
        });
        expect((await layout()).lag).toBeGreaterThan(0);
      });
      const calls = parseTrace(await readFile(output, 'utf8'));
      expect(new Set(calls.map(({ name }) => name.replace('fdatasync', 'fsync')))).toEqual(new Set(['fsync']));
      await until('the layout has followed', async () => (await layout()).lag === 0);
      expect(await readFile(link, 'utf8')).toBe(image.manifest.digest);
    } finally {
      await berth.stop();
      await rm(directory, { recursive: true });
    }
  });
});
