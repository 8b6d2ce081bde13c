import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background } from '../../test/support/child.js';
import { send } from '../../test/support/http.js';
import { freePort, until } from '../../test/support/ports.js';
import { findTool } from '../../test/support/tools.js';

/** An nginx that sends the files below `root` and asks nobody: as fast as files can be sent. */
export async function startStaticNginx(root: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const command = findTool('nginx');
  if (!command) throw new Error('this benchmark needs nginx');
  const directory = await mkdtemp(join(tmpdir(), 'nginx-'));
  const host = `127.0.0.1:${await freePort()}`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(directory, kind)};`,
  );
  const configuration = join(directory, 'nginx.conf');
  await writeFile(
    configuration,
    `pid ${join(directory, 'nginx.pid')};
    events { worker_connections 4096; }
    http {
      access_log off; sendfile on; tcp_nopush on; ${temporary.join(' ')}
      server { listen ${host}; location /ready { return 200; } location / { root ${root}; } }
    }`,
  );
  const options = ['-p', directory, '-e', 'stderr', '-c', configuration, '-g', 'daemon off; master_process off;'];
  const child = new Background(command, options, { env: {}, cwd: directory });
  const url = `http://${host}`;
  await until('nginx', async () => (await send(url, '/ready')).status === 200);
  return {
    url,
    stop: async () => {
      await child.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
