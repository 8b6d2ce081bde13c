import { sign } from 'node:crypto';
import { join } from 'node:path';
import { readKeySet } from '../../../src/auth/keys/key-set-file.js';
import type { Berth } from '../../support/berth.js';
import { basic, send } from '../../support/http.js';
import { type Action, addUser } from '../../support/people.js';
import { until } from '../../support/ports.js';
import { addRobot } from '../../support/programs.js';
import type { Credentials } from '../../support/registry-client.js';
import type { Surface } from './routes.js';
import { type Kind, visibilities } from './table.js';

type Headers = Readonly<Record<string, string>>;

/** Somebody who asks in one of the ways that a surface takes. */
export interface Caller {
  readonly kind: Kind;
  readonly way: 'nothing' | 'cookie' | 'bearer' | 'basic' | 'token';
  /** The column that says what it gets: a session that ended is nobody's. */
  readonly column: Kind;
  /** What it sends with every request. @param repository for which a registry token is fetched */
  headers(repository: string): Promise<Headers>;
  /** The field of a form that proves it is the visitor's own. */
  readonly csrf?: string;
  /** Name and password, or a secret in its place. */
  readonly credentials?: Credentials;
}

export interface Session {
  readonly cookie: string;
  readonly bearer: string;
  readonly csrf: string;
}

/** What of the actions each is given everywhere. */
const grants: Partial<Record<Kind, Action>> = { reader: 'pull', pusher: 'push', deleter: 'delete', manager: 'manage' };
export const people = ['stranger', 'reader', 'pusher', 'deleter', 'manager', 'admin'] as const;
export type Person = (typeof people)[number];

/** Everybody of the table, signed in once. */
export class Callers {
  private constructor(
    private readonly berth: Berth,
    private readonly known: Readonly<Record<Surface, readonly Caller[]>>,
  ) {}

  static async prepare(berth: Berth): Promise<Callers> {
    const api: Caller[] = [nobody];
    const page: Caller[] = [nobody];
    const registry: Caller[] = [nobody, byToken(berth, 'anonymous', undefined)];
    for (const kind of people) {
      const who = await makePerson(berth, kind, `first-${kind}`);
      const session = await openSession(berth, who);
      api.push(byCookie(kind, session, who), byBearer(kind, session.bearer, who));
      page.push(byCookie(kind, session, who));
      registry.push(byBasic(kind, who), byToken(berth, kind, who));
    }
    const robot = await addRobot(berth, 'ci', everywhere('push'));
    const narrowed = await accessTokenOf(berth, await makePerson(berth, 'admin', 'narrowed'), {
      scopes: visibilities.map((visibility) => ({ pattern: `${visibility}/*`, actions: ['pull'] })),
    });
    for (const [kind, who] of [
      ['robot', robot],
      ['narrowed', narrowed],
    ] as const) {
      api.push(byBasic(kind, who), byBearer(kind, who.password, who));
      page.push({ ...byBearer(kind, who.password), way: 'bearer' });
      registry.push(byBasic(kind, who), byToken(berth, kind, who));
    }
    for (const former of [await expired(berth), await disabled(berth)]) {
      api.push(former.secret, former.session);
      page.push(former.session);
      registry.push(former.password, former.token);
    }
    const realm = registry.filter(({ way }) => way !== 'token');
    return new Callers(berth, { api, page, registry, realm });
  }

  /** People and a robot who were granted the same, but on exactly the names of the repositories, with a registry token for each. */
  static async ofNames(berth: Berth): Promise<Callers> {
    const api: Caller[] = [];
    const page: Caller[] = [];
    const registry: Caller[] = [];
    for (const kind of ['reader', 'pusher', 'deleter', 'manager'] as const) {
      const who = await addUser(berth, `exact-${kind}`, onNames(grants[kind] ?? 'pull'));
      const session = await openSession(berth, who);
      api.push(byCookie(kind, session, who), byBearer(kind, session.bearer, who));
      page.push(byCookie(kind, session, who));
      registry.push(byBasic(kind, who), byToken(berth, kind, who));
    }
    const robot = await addRobot(berth, 'exact', onNames('push'));
    api.push(byBearer('robot', robot.password, robot));
    registry.push(byBasic('robot', robot), byToken(berth, 'robot', robot));
    for (const caller of registry) for (const name of Object.keys(onNames('pull'))) await caller.headers(name);
    return new Callers(berth, { api, page, registry, realm: [] });
  }

  /** Nobody but the first administrator, for specs that ask for no cell. */
  static none(berth: Berth): Callers {
    return new Callers(berth, { api: [], page: [], registry: [], realm: [] });
  }

  of(surface: Surface): readonly Caller[] {
    return this.known[surface];
  }

  /** The same person signed in once more, for requests that end the session they come with. */
  async again(caller: Caller): Promise<Caller> {
    return caller.credentials === undefined || !isPerson(caller.kind)
      ? caller
      : await this.#signedIn(caller, caller.kind, caller.credentials);
  }

  /** Somebody of the same kind, for requests that the account does not outlive as it was. */
  async another(caller: Caller, name: string): Promise<Caller> {
    if (!isPerson(caller.kind)) return caller;
    return await this.#signedIn(caller, caller.kind, await makePerson(this.berth, caller.kind, name));
  }

  async #signedIn({ way }: Caller, kind: Person, who: Credentials): Promise<Caller> {
    const session = await openSession(this.berth, who);
    return way === 'cookie' ? byCookie(kind, session, who) : byBearer(kind, session.bearer, who);
  }
}

/** The first administrator, with a session of its own. */
export async function administrator(berth: Berth): Promise<{ readonly cookie: Caller; readonly bearer: Caller }> {
  const session = await openSession(berth, berth.admin);
  return { cookie: byCookie('admin', session, berth.admin), bearer: byBearer('admin', session.bearer, berth.admin) };
}

function isPerson(kind: Kind): kind is Person {
  return (people as readonly string[]).includes(kind);
}

const nobody: Caller = { kind: 'anonymous', column: 'anonymous', way: 'nothing', headers: async () => ({}) };

export function byCookie(kind: Kind, { cookie, csrf }: Session, credentials?: Credentials): Caller {
  const headers = { cookie, 'x-csrf-token': csrf };
  return { kind, column: kind, way: 'cookie', headers: async () => headers, csrf, ...(credentials && { credentials }) };
}

export function byBearer(kind: Kind, token: string, credentials?: Credentials): Caller {
  const headers = { authorization: `Bearer ${token}` };
  return { kind, column: kind, way: 'bearer', headers: async () => headers, ...(credentials && { credentials }) };
}

export function byBasic(kind: Kind, credentials: Credentials): Caller {
  const headers = { authorization: basic(credentials.username, credentials.password) };
  return { kind, column: kind, way: 'basic', headers: async () => headers, credentials };
}

/** By registry tokens, one for each repository, with all that the realm gives. */
export function byToken(berth: Berth, kind: Kind, credentials: Credentials | undefined): Caller {
  const tokens = new Map<string, Promise<string>>();
  const headers = async (repository: string): Promise<Headers> => {
    const token = tokens.get(repository) ?? registryToken(berth, repository, credentials);
    tokens.set(repository, token);
    return { authorization: `Bearer ${await token}` };
  };
  return { kind, column: kind, way: 'token', headers, ...(credentials && { credentials }) };
}

async function registryToken(berth: Berth, repository: string, who: Credentials | undefined): Promise<string> {
  const query = new URLSearchParams({ service: 'berth' });
  for (const scope of [`repository:${repository}:pull,push,delete`, 'registry:catalog:*']) query.append('scope', scope);
  const headers = who ? { authorization: basic(who.username, who.password) } : {};
  const answer = await send(berth.url, `/token?${query}`, { headers });
  if (answer.status !== 200) throw new Error(`the realm answered ${answer.status}`);
  return JSON.parse(answer.body.toString()).token;
}

export async function openSession(berth: Berth, who: Credentials): Promise<Session> {
  const answer = await send(berth.url, '/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: who.username, password: who.password }),
  });
  if (answer.status !== 200) throw new Error(`the sign-in of ${who.username} answered ${answer.status}`);
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const page = await send(berth.url, '/account', { headers: { cookie } });
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.body.toString())?.[1];
  if (csrf === undefined) throw new Error('the page has no form');
  return { cookie, csrf, bearer: JSON.parse(answer.body.toString()).accessToken };
}

export async function makePerson(berth: Berth, kind: Person, username: string): Promise<Credentials> {
  const action = grants[kind];
  const who = await addUser(berth, username, action && everywhere(action));
  if (kind === 'admin') await mustBe(200, berth.api('PATCH', `/api/v1/users/${username}`, { role: 'admin' }));
  return who;
}

export async function accessTokenOf(berth: Berth, owner: Credentials, more: object): Promise<Credentials> {
  const { bearer } = await openSession(berth, owner);
  const { body } = await mustBe(201, berth.api('POST', '/api/v1/tokens', { name: 'laptop', ...more }, bearer));
  return { username: owner.username, password: body.secret };
}

/** Credentials of somebody who may do nothing with them any more; with a session that ended nobody is signed in. */
interface Former {
  readonly secret: Caller;
  readonly session: Caller;
  readonly password: Caller;
  readonly token: Caller;
}

/** An administrator's credentials, each past its time. */
async function expired(berth: Berth): Promise<Former> {
  const owner = await makePerson(berth, 'admin', 'expired');
  const session = await openSession(berth, owner);
  const secret = await accessTokenOf(berth, owner, { expiresAt: new Date(Date.now() + 1_000).toISOString() });
  await mustBe(204, berth.api('POST', '/api/v1/auth/logout', undefined, session.bearer));
  await until('the access token expires', async () => {
    return (await berth.api('GET', '/api/v1/auth/me', undefined, secret.password)).status === 401;
  });
  const headers = async (repository: string): Promise<Headers> => ({
    authorization: `Bearer ${await pastItsTime(berth, await registryToken(berth, repository, owner))}`,
  });
  return {
    secret: byBearer('expired', secret.password),
    session: { ...byCookie('expired', session), column: 'anonymous' },
    password: byBasic('expired', secret),
    token: { kind: 'expired', column: 'expired', way: 'token', headers },
  };
}

/** An administrator's credentials, all of them good but for the account. */
async function disabled(berth: Berth): Promise<Former> {
  const owner = await makePerson(berth, 'admin', 'disabled');
  const session = await openSession(berth, owner);
  const secret = await accessTokenOf(berth, owner, {});
  const tokens = byToken(berth, 'disabled', owner);
  await Promise.all(
    visibilities.flatMap((visibility) => [`${visibility}/app`, `${visibility}/nix`].map(tokens.headers)),
  );
  await mustBe(200, berth.api('PATCH', '/api/v1/users/disabled', { enabled: false }));
  return {
    secret: byBearer('disabled', secret.password),
    session: { ...byCookie('disabled', session), column: 'anonymous' },
    password: byBasic('disabled', owner),
    token: tokens,
  };
}

/** The same registry token, signed with the same key an hour ago. */
async function pastItsTime(berth: Berth, token: string): Promise<string> {
  const [header = '', payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  for (const time of ['exp', 'iat', 'nbf']) claims[time] -= 3600;
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const { signing } = await readKeySet(join(berth.dataDir, 'keys', 'token-keys.json'));
  const signature = sign('sha256', Buffer.from(text), { key: signing.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

function everywhere(action: Action): Record<string, readonly Action[]> {
  return Object.fromEntries(visibilities.map((visibility) => [`${visibility}/*`, [action]]));
}

function onNames(action: Action): Record<string, readonly Action[]> {
  return Object.fromEntries(visibilities.map((visibility) => [`${visibility}/app`, [action]]));
}

async function mustBe<A extends { readonly status: number }>(status: number, asked: Promise<A>): Promise<A> {
  const answer = await asked;
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}`);
  return answer;
}
