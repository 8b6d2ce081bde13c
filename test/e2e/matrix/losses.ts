import type { Berth } from '../../support/berth.js';
import { RawConnection } from '../../support/raw-connection.js';
import {
  accessTokenOf,
  byBasic,
  byBearer,
  byCookie,
  byToken,
  type Caller,
  makePerson,
  openSession,
  type Person,
  people,
} from './callers.js';
import type { Objects } from './objects.js';
import { type Cell, makeRequest, type Recipe, type Request } from './request.js';
import type { Route } from './routes.js';
import { nameOf, type Row, rowsOf } from './table.js';
import { type Difference, expectedFor, outcomeOf, recipes } from './walk.js';

/** What can be taken from somebody whose request has begun; `nothing`, to see that it would have worked. */
export const losses = [
  'nothing',
  'the right',
  'the account, disabled',
  'the account, deleted',
  'the access token',
  'the password',
] as const;
export type Loss = (typeof losses)[number];

/** Requests of routes that take more than their recipe sends: a blob with the request, a manifest under more tags. */
const fuller: Readonly<Record<string, Recipe>> = {
  'POST /v2/{name}/blobs/uploads/': (_cell, { objects }) => {
    const { bytes, digest } = objects.newContent();
    return { bytes, query: { digest } };
  },
  'PUT /v2/{name}/manifests/{reference}': (_cell, { objects }) => {
    const { bytes, mediaType } = objects.newManifest();
    return { params: { reference: objects.fresh('t') }, query: { tag: objects.fresh('t') }, bytes, type: mediaType };
  },
};

/** Somebody with an account of their own for one loss. */
interface Loser {
  readonly kind: Person;
  readonly username: string;
  readonly callers: Readonly<Record<Route['surface'], readonly Caller[]>>;
}

/** A request whose body has arrived in part. */
interface Begun {
  readonly request: Request;
  readonly expected: string;
  readonly connection: RawConnection;
}

export class Losses {
  constructor(
    private readonly berth: Berth,
    private readonly objects: Objects,
    private readonly table: readonly Row[],
  ) {}

  /** Begins every request with a body that takes a right, each by somebody who has just enough of it. */
  async begin(loss: Loss, routes: readonly Route[]): Promise<{ readonly losers: Loser[]; readonly begun: Begun[] }> {
    const losers: Loser[] = [];
    const begun: Begun[] = [];
    for (const kind of people) {
      const rows = routes.flatMap((route) => {
        const row = takesBody(route) ? this.#privateRow(route) : undefined;
        return row !== undefined && weakest(row) === kind && !(loss === 'the right' && kind === 'stranger')
          ? [{ route, row }]
          : [];
      });
      if (rows.length === 0) continue;
      const loser = await this.#loser(kind, loss);
      losers.push(loser);
      for (const { route, row } of rows) {
        for (const caller of loser.callers[route.surface]) {
          const { request, endsItself } = await this.#request({ route, where: 'private', caller, allowed: true });
          if (request.body === undefined || request.body.length < 2) continue;
          if (loss === 'nothing' && endsItself) continue; // those after it would be nobody's; the matrix itself asks for it
          const expected =
            loss === 'nothing' ? 'ok' : expectedFor(route, row, { ...caller, column: after(loss, caller) });
          begun.push({ request, expected, connection: await this.#half(request) });
        }
      }
    }
    return { losers, begun };
  }

  /** Takes it away, as an administrator does. */
  async take(loss: Loss, { kind, username }: Loser): Promise<void> {
    switch (loss) {
      case 'nothing':
        return;
      case 'the right':
        if (kind === 'admin') await this.objects.api('PATCH', `/users/${username}`, { role: 'user' });
        for (const { id } of (await this.objects.api('GET', `/permissions?user=${username}`)).items) {
          await this.objects.api('DELETE', `/permissions/${id}`);
        }
        return;
      case 'the account, disabled':
        await this.objects.api('PATCH', `/users/${username}`, { enabled: false });
        return;
      case 'the account, deleted':
        await this.objects.api('DELETE', `/users/${username}`);
        return;
      case 'the access token':
        for (const { id } of (await this.objects.api('GET', `/tokens?user=${username}`)).items) {
          await this.objects.api('DELETE', `/tokens/${id}`);
        }
        return;
      case 'the password':
        await this.objects.api('POST', `/users/${username}/password-reset`, { password: 'Another-5c2e-password' });
    }
  }

  /** Sends what is left of every body. Those that are answered otherwise than they would be if they began now. */
  async finish(begun: readonly Begun[]): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const { request, expected, connection } of begun) {
      const { body = Buffer.alloc(0), cell } = request;
      connection.write(body.subarray(body.length >> 1));
      const answer = await connection.answer();
      connection.close();
      const headers = Object.fromEntries([...(answer?.headers ?? [])].map(([name, values]) => [name, values[0]]));
      const { 'set-cookie': cookie, ...others } = headers;
      const answered = outcomeOf({
        status: answer?.status ?? 0,
        headers: { ...others, ...(cookie !== undefined && { 'set-cookie': [cookie] }) },
      });
      if (answered !== expected) found.push({ cell: `${nameOf(cell.route)} ${cell.caller.way}`, expected, answered });
    }
    return found;
  }

  #privateRow(route: Route): Row | undefined {
    return rowsOf(route, this.table).find(({ where }) => where === 'private')?.row;
  }

  /** By that very caller, also where it ends what it comes with. */
  async #request(cell: Cell): Promise<{ readonly request: Request; readonly endsItself: boolean }> {
    const name = nameOf(cell.route);
    let endsItself = false;
    const same = async (caller: Caller) => {
      endsItself = true;
      return caller;
    };
    const kitchen = { objects: this.objects, callers: { again: same, another: same } };
    return { request: await makeRequest(cell, fuller[name] ?? recipes[name], kitchen), endsItself };
  }

  async #loser(kind: Person, loss: Loss): Promise<Loser> {
    const who = await makePerson(this.berth, kind, this.objects.fresh('loser'));
    const { username } = who;
    const session = await openSession(this.berth, who);
    if (loss !== 'the access token') {
      const registry = [byToken(this.berth, kind, who), byBasic(kind, who)];
      const page = [byCookie(kind, session, who)];
      return { kind, username, callers: { registry, realm: [], api: [byBearer(kind, session.bearer, who)], page } };
    }
    const token = await accessTokenOf(this.berth, who, {});
    const registry = [byToken(this.berth, kind, token), byBasic(kind, token)];
    return { kind, username, callers: { registry, realm: [], api: [byBearer(kind, token.password)], page: [] } };
  }

  /** The head and half of the body; the server has said that it wants the rest. */
  async #half({ method, path, headers, body = Buffer.alloc(0), caller }: Request): Promise<RawConnection> {
    const connection = await RawConnection.open(this.berth.url);
    const [, repository = ''] = /^\/v2\/(.+?)\/(?:manifests|blobs)\//.exec(path) ?? [];
    const all = { ...headers, ...(await caller.headers(repository)), 'content-length': body.length };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${this.berth.host}\r\nExpect: 100-continue\r\n${lines.join('')}\r\n`,
    );
    const wanted = await connection.answer(true);
    if (wanted?.status !== 100) throw new Error(`${method} ${path} answered ${wanted?.status}`);
    connection.write(body.subarray(0, body.length >> 1));
    return connection;
  }
}

function takesBody({ method }: Route): boolean {
  return ['POST', 'PUT', 'PATCH'].includes(method);
}

/** The one with the fewest rights who may; nobody where everybody may, signed in or not. */
function weakest({ cells }: Row): Person | undefined {
  return cells.anonymous === 'ok' ? undefined : people.find((kind) => cells[kind] === 'ok');
}

/** Whose column says what the request gets now. */
function after(loss: Loss, { way, kind }: Caller): Caller['column'] {
  if (loss === 'the right') return 'stranger';
  const session = way === 'cookie' || (way === 'bearer' && loss !== 'the access token');
  return loss === 'nothing' ? kind : session ? 'anonymous' : 'disabled';
}
