import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from 'bcrypt';
import { Background, mustRun } from './child.js';
import { send } from './http.js';
import { freePort, until } from './ports.js';
import type { Credentials } from './registry-client.js';
import { findTool } from './tools.js';

/** A running CNCF Distribution registry: the measure for benchmarks and for our own test clients. */
export interface DockerRegistry {
  readonly url: string;
  readonly host: string;
  readonly pid: number;
  /** The directory it keeps everything in. */
  readonly store: string;
  /** Its `garbage-collect`, which wants nobody to push meanwhile. */
  collectGarbage(...flags: string[]): Promise<void>;
  stop(): Promise<number>;
}

/** Whose tokens the registry asks for: its `auth.token` settings. */
export interface TokenRealm {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** File with the certificate that vouches for the tokens' keys. */
  readonly rootcertbundle: string;
}

/**
 * Starts Debian's docker-registry on an empty directory of its own; logs nothing per request, as a fair peer.
 * @param access whose tokens it wants, or who may come in with a password; left out: it lets everybody in
 * @param store where it keeps everything, and what stays when it stops
 * @param program another registry that is configured in the same way
 */
export async function startDockerRegistry(
  access?: TokenRealm | Credentials,
  store?: string,
  program?: string,
): Promise<DockerRegistry> {
  const command = program ?? findTool('docker-registry');
  if (!command) throw new Error('docker-registry is not installed');
  const directory = await mkdtemp(join(tmpdir(), 'docker-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = join(directory, 'config.yml');
  await mkdir(join(directory, 'store'));
  await writeFile(
    configuration,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: store ?? join(directory, 'store') }, delete: { enabled: true } },
      http: { addr: host },
      ...(access && { auth: await authOf(access, directory) }),
    }),
  );
  const child = new Background(command, ['serve', configuration], { cwd: directory, env: {} });
  const url = `http://${host}`;
  await until('docker-registry', async () => (await send(url, '/v2/')).status === (access ? 401 : 200));
  return {
    url,
    host,
    pid: child.pid,
    store: join(directory, 'store'),
    collectGarbage: async (...flags) => {
      await mustRun(command, ['garbage-collect', configuration, ...flags], { cwd: directory });
    },
    stop: async () => {
      const code = await child.stop();
      await rm(directory, { recursive: true, force: true });
      return code;
    },
  };
}

async function authOf(access: TokenRealm | Credentials, directory: string): Promise<object> {
  if ('realm' in access) return { token: access };
  const path = join(directory, 'htpasswd');
  await writeFile(path, `${access.username}:${await hash(access.password, 4)}\n`);
  return { htpasswd: { realm: 'registry', path } };
}
