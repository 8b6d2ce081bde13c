import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { Background } from './child.js';
import { send } from './http.js';
import { freePort, Hopeless, until } from './ports.js';
import { findTool } from './tools.js';

/** A running nginx with the nginx.conf that Berth ships, on another port and in front of another address. */
export interface Nginx {
  readonly url: string;
  readonly host: string;
  stop(): Promise<void>;
}

/**
 * `target` is the host:port of Berth, or of another registry. Everything but the ports, the file system and the process user is as shipped.
 * @param dataDir where Berth keeps the blobs, when nginx is to send them
 */
export async function startNginx(target: string, dataDir = '/nowhere'): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), 'nginx-'));
  await mkdir(join(directory, 'logs'));
  const host = `127.0.0.1:${await freePort()}`;
  const shipped = await readFile(join(projectRoot(), 'nginx.conf'), 'utf8');
  const configuration = join(directory, 'nginx.conf');
  await writeFile(configuration, adapt(shipped, { host, target, directory, dataDir }));
  const child = new Background(
    findTool('nginx') ?? 'nginx',
    ['-p', directory, '-e', 'stderr', '-c', configuration, '-g', 'daemon off; master_process off;'],
    { env: { PATH: process.env.PATH }, cwd: directory },
  );
  const url = `http://${host}`;
  await until('nginx', async () => {
    if (!child.running) throw new Hopeless(`nginx ended: ${child.output}`);
    return [200, 401].includes((await send(url, '/v2/')).status);
  });
  return {
    url,
    host,
    stop: async () => {
      await child.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Places {
  readonly host: string;
  readonly target: string;
  /** nginx's own. */
  readonly directory: string;
  readonly dataDir: string;
}

function adapt(shipped: string, { host, target, directory, dataDir }: Places): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => {
    return `${kind}_temp_path ${join(directory, kind)};`;
  });
  const adapted = shipped
    .replace(/listen\s+80\b[^;]*;/, `listen ${host};`)
    .replace(/^\s*listen\s+\[.*$/gm, '')
    .replaceAll(/server\s+[\w.-]+:5000\b/g, `server ${target}`)
    .replaceAll('/var/lib/berth/', `${dataDir}/`)
    .replace(/^(user|pid)\s.*$/gm, '')
    .replace(/http\s*\{/, `http {\n  access_log off;\n  ${temporary.join('\n  ')}`);
  if (![`listen ${host};`, `server ${target}`, `alias ${dataDir}/`].every((text) => adapted.includes(text)))
    throw new Error('nginx.conf does not listen on 80, name its upstream as server …:5000 or serve /var/lib/berth');
  return `pid ${join(directory, 'nginx.pid')};\n${adapted}`;
}
