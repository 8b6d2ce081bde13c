import { existsSync, lstatSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import type { CommandEnvironment } from '../config/command-environment.js';
import { type LoadInput, loadConfig } from '../config/load.js';
import { readPlainFile } from '../config/plain-file.js';
import { socketName, withSocketPath } from '../data-directory/socket-path.js';
import { Client } from './client.js';
import { CommandFailure } from './exit-codes.js';

/** A Berth in this process, on its own socket file; or why there is none. */
export type OpenLocal = (
  input: LoadInput,
  needs: DirectoryNeeds,
) => Promise<
  { readonly socket: string; close(): Promise<void> } | { readonly refused: string; readonly inUse: boolean }
>;

/** Where the command line says the server is. */
export interface Target {
  readonly url?: string;
  readonly token?: string;
  readonly username?: string;
  readonly dataDir?: string;
  readonly config?: string;
}

/** What a data directory has to hold for a command to take it. */
export interface DirectoryNeeds {
  /** A volume of CNCF Distribution will do: it becomes a data directory of Berth. */
  readonly adopts?: boolean;
}

export interface Connection {
  readonly client: Client;
  close(): Promise<void>;
}

/** A server that was there before the command. */
export interface Running extends Connection {
  /** `on /var/lib/berth`, `at https://registry.example.com` */
  readonly where: string;
}

/**
 * The REST API of the server at the URL, else of the one that runs on the data directory, else of one in this process that
 * holds the data directory for as long as the command takes.
 */
export async function openConnection(
  target: Target,
  environment: CommandEnvironment,
  openLocal: OpenLocal,
  { adopts = false }: DirectoryNeeds = {},
): Promise<Connection> {
  const running = await openRunning(target, environment);
  if (running !== undefined) return running;
  const input = settingsInput(target, environment);
  const { config } = await loadConfig(input);
  const files = ['berth.db', ...(adopts ? [join('docker', 'registry', 'v2')] : [])];
  if (!files.some((name) => existsSync(join(config.dataDir, name)))) {
    throw new CommandFailure(
      'notFound',
      `${config.dataDir} holds no data of Berth: name the directory with --data-dir, or a server with --url`,
    );
  }
  const local = await openLocal(input, { adopts });
  if ('refused' in local) throw new CommandFailure(local.inUse ? 'conflict' : 'failure', local.refused);
  return { client: new Client({ kind: 'socket', path: local.socket }), close: () => local.close() };
}

/** The server at the URL, else the one that runs on the data directory; undefined where none does. */
export async function openRunning(target: Target, environment: CommandEnvironment): Promise<Running | undefined> {
  const url = target.url ?? (target.dataDir === undefined ? environment.url : undefined);
  if (url !== undefined) return { ...(await openRemote(url, target, environment)), where: `at ${url}` };
  const { config } = await loadConfig(settingsInput(target, environment));
  const path = join(config.dataDir, socketName);
  if (!(await isAnswered(path))) return undefined;
  return { client: new Client({ kind: 'socket', path }), where: `on ${config.dataDir}`, close: async () => {} };
}

/** The settings of the server as this command sees them. */
export function settingsInput({ dataDir, config }: Target, environment: CommandEnvironment): LoadInput {
  const cwd = process.cwd();
  return {
    env: { ...environment.settings, ...(dataDir !== undefined && { BERTH_DATA_DIR: resolve(cwd, dataDir) }) },
    argv: config === undefined ? [] : ['--config', config],
    readFile: readPlainFile,
    cwd,
    terminal: false,
  };
}

/** What may stand in a header. */
const writable = /^[\x21-\x7e]+$/;

async function openRemote(text: string, target: Target, environment: CommandEnvironment): Promise<Connection> {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CommandFailure('usage', 'the address of a server begins with https:// or http://');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new CommandFailure(
      'usage',
      'the address of a server has no user in it: --username takes one, and BERTH_PASSWORD',
    );
  const close = async () => {};
  const token = target.token ?? (target.username === undefined ? environment.token : undefined);
  if (token !== undefined || target.username === undefined) {
    if (token !== undefined && !writable.test(token))
      throw new CommandFailure('usage', 'the access token has a line end, or another character that none of ours has');
    return { client: new Client({ kind: 'url', url, token }), close };
  }
  const { password } = environment;
  if (password === undefined) throw new CommandFailure('usage', '--username takes the password from BERTH_PASSWORD');
  const nobody = new Client({ kind: 'url', url, token: undefined });
  const { accessToken } = await nobody.send('POST', '/auth/login', { username: target.username, password });
  if (typeof accessToken !== 'string' || !writable.test(accessToken))
    throw new CommandFailure('failure', 'the answer is not one of Berth');
  const client = new Client({ kind: 'url', url, token: accessToken });
  // The session was for this command only.
  return { client, close: async () => void (await client.send('POST', '/auth/logout')) };
}

/** Whether a process listens on the socket file. A link to another one is not followed: who answers there would hear what is an administrator's. */
function isAnswered(path: string): Promise<boolean> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return Promise.resolve(false);
  return withSocketPath(path, (short) => {
    return new Promise((resolve, reject) => {
      const socket = connect(short, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
        else if (error.code === 'EACCES') reject(new CommandFailure('denied', `${path} is another user's`));
        else reject(error);
      });
    });
  });
}
