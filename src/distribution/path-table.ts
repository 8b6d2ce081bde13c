/** The part of a route that finds it. */
interface Located {
  readonly method: string;
  readonly path: string;
}

/** A path of the table with all its methods. */
export interface Resource<Route> {
  /** As OCI writes it: `/v2/<name>/manifests/<reference>`. */
  readonly path: string;
  readonly methods: ReadonlyMap<string, Route>;
}

/** What a path names, before its parts are validated. */
export interface Match<Route> {
  readonly resource: Resource<Route>;
  /** Repository name as it came; empty where the path names none. */
  readonly name: string;
  /** Tag, digest or session id as it came; empty where the path has none. */
  readonly last: string;
}

/** The paths that have the same part before the last, `tags` or `blobs`. */
interface Keyword<Route> {
  /** What stands between the name of the repository and the keyword: nothing, or `/blobs`. */
  readonly before: string;
  /** Those whose last part is written out. */
  readonly exact: [last: string, Resource<Route>][];
  /** The one whose last part is a parameter. */
  any: Resource<Route> | undefined;
}

const prefix = '/v2/';
const name = '<name>';
/** No tag and no session id has a slash, so one that does names nothing; its handler says so in its own words. */
const mayHaveSlashes = ['<reference>', '<session>'];

/**
 * Finds the route of a request by its path. Names may contain `manifests`, `tags` and the like, so a path is taken apart from the right,
 * once; how many routes there are makes no difference. A slash at the end of a path may be left out.
 */
export class PathTable<Route extends Located> {
  readonly #resources = new Map<string, Resource<Route> & { readonly methods: Map<string, Route> }>();
  /** Paths without a repository. */
  readonly #whole = new Map<string, Match<Route>>();
  readonly #keywords = new Map<string, Keyword<Route>>();
  readonly #withSlashes: [text: string, Resource<Route>][] = [];

  /** Throws for paths that cannot be told from each other. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  /** Whether a request target belongs to the data plane and not to the pages and the API. */
  serves(url: string): boolean {
    if (url.startsWith(prefix)) return true;
    return this.#whole.has(pathOf(url));
  }

  /** @param path without its query. Undefined when no route has this form. */
  match(path: string): Match<Route> | undefined {
    const lastSlash = path.lastIndexOf('/');
    const slash = path.lastIndexOf('/', lastSlash - 1);
    const keyword = this.#keywords.get(path.slice(slash + 1, lastSlash));
    if (keyword !== undefined && path.endsWith(keyword.before, slash)) {
      const last = path.slice(lastSlash + 1);
      for (const [text, resource] of keyword.exact) {
        if (text === last) return under(path, slash - keyword.before.length, resource, '');
      }
      return keyword.any && under(path, slash - keyword.before.length, keyword.any, last);
    }
    return this.#whole.get(path) ?? this.#matchWithSlashes(path);
  }

  #matchWithSlashes(path: string): Match<Route> | undefined {
    for (const [text, resource] of this.#withSlashes) {
      const at = path.lastIndexOf(text);
      if (at >= 0) return under(path, at, resource, path.slice(at + text.length));
    }
    return undefined;
  }

  #add(route: Route): void {
    const { method, path } = route;
    const known = this.#resources.get(path);
    if (known !== undefined) {
      known.methods.set(method, route);
      return;
    }
    const resource = { path, methods: new Map([[method, route]]) };
    this.#resources.set(path, resource);
    this.#place(path, resource);
    if (path.endsWith('/')) this.#place(path.slice(0, -1), resource);
  }

  #place(path: string, resource: Resource<Route>): void {
    const [, rest] = path.split(`${prefix}${name}`);
    if (rest === undefined) {
      this.#whole.set(path, { resource, name: '', last: '' });
      return;
    }
    const parts = rest.split('/');
    const [text = '', last = ''] = parts.slice(-2);
    const before = parts.slice(0, -2).join('/');
    const keyword = this.#keywords.get(text) ?? { before, exact: [], any: undefined };
    this.#keywords.set(text, keyword);
    const isAny = last.startsWith('<');
    if (keyword.before !== before || (isAny && keyword.any !== undefined))
      throw new Error(`${path} cannot be told from another route of the table`);
    if (isAny) keyword.any = resource;
    else keyword.exact.push([last, resource]);
    if (mayHaveSlashes.includes(last)) this.#withSlashes.push([rest.slice(0, -last.length), resource]);
  }
}

/** The path of a request target, without its query. */
export function pathOf(url: string): string {
  const question = url.indexOf('?');
  return question < 0 ? url : url.slice(0, question);
}

function under<Route>(
  path: string,
  nameEnd: number,
  resource: Resource<Route>,
  last: string,
): Match<Route> | undefined {
  return nameEnd <= prefix.length ? undefined : { resource, name: path.slice(prefix.length, nameEnd), last };
}
