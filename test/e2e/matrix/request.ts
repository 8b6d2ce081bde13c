import type { OutgoingHttpHeaders } from 'node:http';
import type { Caller, Callers } from './callers.js';
import { type Objects, repositoryOf } from './objects.js';
import type { Route } from './routes.js';
import type { Visibility } from './table.js';

/** One cell of the table, in one of the ways its caller has. */
export interface Cell {
  readonly route: Route;
  readonly where: Visibility;
  readonly caller: Caller;
  /** Whether the table says that it works: then it gets something of its own to change. */
  readonly allowed: boolean;
}

/** What a recipe says of a request beyond what follows from the route. */
export interface Ingredients {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly bytes?: Buffer;
  readonly type?: string;
  /** Who really asks, when it is another session or account of the same kind. */
  readonly as?: Caller;
}

export interface Kitchen {
  readonly objects: Objects;
  readonly callers: Pick<Callers, 'again' | 'another'>;
}

/** How a request is made that succeeds for whoever may. Routes that only read need none. */
export type Recipe = (cell: Cell, kitchen: Kitchen) => Ingredients | Promise<Ingredients>;

export interface Request<C extends Cell = Cell> {
  readonly cell: C;
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Buffer;
  /** Who sends it. */
  readonly caller: Caller;
}

/** Everything about the request of a cell but who sends it. */
export async function makeRequest<C extends Cell>(
  cell: C,
  recipe: Recipe | undefined,
  kitchen: Kitchen,
): Promise<Request<C>> {
  const { route } = cell;
  const { params, query, json, form, bytes, type, as: caller = cell.caller } = (await recipe?.(cell, kitchen)) ?? {};
  const values: Record<string, string | number> = { ...usualParams(cell, kitchen.objects), ...params };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name] ?? '');
    return route.surface === 'api' ? encodeURIComponent(value) : value;
  });
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
  const base = { cell, method: route.method, path: path + search, caller };
  if (json !== undefined) return { ...base, ...payload('application/json', JSON.stringify(json)) };
  if (form !== undefined) {
    const fields = new URLSearchParams({ ...form, ...(caller.csrf && { _csrf: caller.csrf }) });
    return { ...base, ...payload('application/x-www-form-urlencoded', fields.toString()) };
  }
  if (bytes !== undefined) return { ...base, ...payload(type ?? 'application/octet-stream', bytes) };
  return { ...base, headers: {} };
}

function payload(type: string, body: string | Buffer): Pick<Request, 'headers' | 'body'> {
  return { headers: { 'content-type': type }, body: Buffer.from(body) };
}

/** What the parameters of a path stand for, unless the recipe says something else. */
function usualParams(
  { route: { path, ofRepository }, where }: Cell,
  objects: Objects,
): Record<string, string | number> {
  const repository = repositoryOf(where);
  const below = (folder: string) => path.startsWith(`/api/v1/${folder}/`) || path.startsWith(`/${folder}/`);
  return {
    name: ofRepository ? repository : below('robots') ? objects.robot : objects.group,
    tag: objects.tag,
    reference: objects.tag,
    digest: path.includes('/blobs/') ? objects.image.config.digest : objects.image.manifest.digest,
    session: objects.uploads.get(repository) ?? '',
    username: objects.username,
    id: below('permissions')
      ? objects.grant
      : below('tokens')
        ? objects.accessToken
        : below('robots')
          ? objects.secret
          : below('uploads')
            ? (objects.uploads.get(repository) ?? '')
            : below('jobs')
              ? objects.job
              : objects.session,
  };
}
