import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { Background } from './child.js';
import { type Answer, basic, send } from './http.js';

/** Who asks the REST API: the first admin when left out, nobody when null, else the bearer of an access token. */
export type Bearer = string | null | undefined;

export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the server says; specs assert their shape
  readonly body: any;
}

/** A running Berth of its own: own data directory, own port, ended by `stop`. */
export interface Berth {
  readonly url: string;
  /** 127.0.0.1:port, as clients write it before a repository. */
  readonly host: string;
  readonly dataDir: string;
  readonly admin: { readonly username: 'admin'; readonly password: string };
  readonly pid: number;
  /** Everything it printed since the last start. */
  output(): string;
  /** SIGTERM; resolves with the exit code and removes a data directory that was made for it. */
  stop(): Promise<number>;
  /** SIGKILL; resolves once it is gone. The data directory stays. */
  kill(): Promise<void>;
  /** Stops it unless it is down already, and starts it again on the same port and data directory. */
  restart(): Promise<void>;
  /** One call of the REST API, path from the root (`/api/v1/users`). */
  api(method: string, path: string, body?: unknown, auth?: Bearer): Promise<JsonAnswer>;
  /** An access token of the REST API. */
  signIn(username: string, password: string): Promise<string>;
  /** A registry token from the realm; throws unless it answers 200. */
  token(username: string, password: string, ...scopes: string[]): Promise<string>;
}

export interface BerthOptions {
  readonly env?: Record<string, string>;
  readonly dataDir?: string;
  /** The root of another checkout, already built, whose program is started instead of this one's. */
  readonly checkout?: string;
}

/** Starts the built program on a random port of the loopback and resolves when it listens; rejects with its output otherwise. */
export async function startBerth(options: BerthOptions = {}): Promise<Berth> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'berth-')));
  const password = options.env?.BERTH_ADMIN_PASSWORD ?? randomBytes(12).toString('base64url');
  const admin = { username: 'admin', password } as const;
  const env: Record<string, string> = {
    BERTH_PORT: '0',
    BERTH_HOST: '127.0.0.1',
    BERTH_LOG_FORMAT: 'json',
    BERTH_ADMIN_PASSWORD: admin.password,
    ...options.env,
    BERTH_DATA_DIR: dataDir,
  };
  let child = launchBerth(env, dataDir, options.checkout);
  const url = await listening(child);
  const host = new URL(url).host;
  let accessToken: string | undefined;

  const signIn = async (username: string, password: string): Promise<string> => {
    const answer = await callApi('POST', '/api/v1/auth/login', { username, password }, null);
    if (answer.status !== 200) throw new Error(`sign-in of ${username} answered ${answer.status}`);
    return answer.body.accessToken;
  };
  const callApi = async (method: string, path: string, body: unknown, token: string | null): Promise<JsonAnswer> => {
    const answer = await send(url, path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: parseJson(answer) };
  };

  return {
    url,
    host,
    dataDir,
    admin,
    get pid() {
      return child.pid;
    },
    output: () => child.output,
    stop: async () => {
      const code = await child.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
      return code;
    },
    kill: async () => {
      child.signal('SIGKILL');
      await child.ended;
    },
    restart: async () => {
      if (child.running) await child.stop();
      child = launchBerth({ ...env, BERTH_PORT: new URL(url).port }, dataDir, options.checkout);
      await listening(child);
    },
    api: async (method, path, body, auth) => {
      if (auth === undefined) accessToken ??= await signIn(admin.username, admin.password);
      return callApi(method, path, body, auth === undefined ? (accessToken ?? null) : auth);
    },
    signIn,
    token: async (username, password, ...scopes) => {
      const query = new URLSearchParams({ service: env.BERTH_TOKEN_SERVICE ?? 'berth', account: username });
      for (const scope of scopes) query.append('scope', scope);
      const answer = await send(url, `/token?${query}`, { headers: { authorization: basic(username, password) } });
      if (answer.status !== 200) throw new Error(`the realm answered ${answer.status}: ${answer.body}`);
      return JSON.parse(answer.body.toString()).token;
    },
  };
}

/** What `npm start` of that checkout gives to Node. */
function flagsOf(checkout: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  return (scripts.start as string).split(' ').filter((word) => word.startsWith('--'));
}

/**
 * What `npm start` runs, as a child that sees nothing of the caller's
 * environment but PATH; it may well refuse to start.
 */
export function launchBerth(
  env: Record<string, string | undefined>,
  cwd: string,
  checkout: string = projectRoot(),
): Background {
  const program = join(checkout, 'dist', 'bundle', 'main.js');
  return new Background(process.execPath, [...flagsOf(checkout), program], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
  });
}

async function listening(child: Background): Promise<string> {
  const [line] = await child.waitFor(/^.*"msg":"listening".*$/m);
  return new URL(JSON.parse(line).url).origin;
}

function parseJson(answer: Answer): unknown {
  const type = answer.headers['content-type'] ?? '';
  if (answer.body.length === 0) return undefined;
  return type.includes('json') ? JSON.parse(answer.body.toString()) : answer.body.toString();
}
