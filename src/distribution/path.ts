/** What a path of the data plane names, before its parts are validated. */
export type Resource =
  | 'base'
  | 'catalog'
  | 'search'
  | 'tags'
  | 'manifest'
  | 'referrers'
  | 'blob'
  | 'uploads'
  | 'upload';

export interface Path {
  readonly resource: Resource;
  /** Repository name as it came; empty for `base`, `catalog` and `search`. */
  readonly name: string;
  /** Tag, digest or session id as it came; empty where the resource has none. */
  readonly last: string;
}

const prefix = '/v2/';
const base: Path = { resource: 'base', name: '', last: '' };
const catalog: Path = { resource: 'catalog', name: '', last: '' };
/** All that is left of the first version of the protocol: where `docker search` asks. */
const searchPath = '/v1/search';
const search: Path = { resource: 'search', name: '', last: '' };

/** Whether a request target belongs to the registry and not to the pages and the API. */
export function isDataPlane(url: string): boolean {
  return (
    url.startsWith(prefix) ||
    url === '/v2' ||
    url.startsWith('/v2?') ||
    url === searchPath ||
    url.startsWith(`${searchPath}?`)
  );
}

/**
 * Splits a path (without its query) into repository and resource, from the right, because names may contain `manifests`,
 * `tags` and the like. Undefined when no route has this form.
 */
export function parsePath(path: string): Path | undefined {
  if (path === prefix || path === '/v2') return base;
  if (path === '/v2/_catalog') return catalog;
  if (path === searchPath) return search;
  const lastSlash = path.lastIndexOf('/');
  const slash = path.lastIndexOf('/', lastSlash - 1);
  const last = path.slice(lastSlash + 1);
  switch (path.slice(slash + 1, lastSlash)) {
    case 'manifests':
      return under(path, slash, 'manifest', decoded(last));
    case 'blobs':
      return last === 'uploads' ? under(path, slash, 'uploads', '') : under(path, slash, 'blob', decoded(last));
    case 'referrers':
      return under(path, slash, 'referrers', decoded(last));
    case 'tags':
      return last === 'list' ? under(path, slash, 'tags', '') : undefined;
    case 'uploads':
      if (path.endsWith('/blobs', slash))
        return under(path, slash - '/blobs'.length, last === '' ? 'uploads' : 'upload', last);
  }
  return withSlashes(path, '/manifests/', 'manifest') ?? withSlashes(path, '/blobs/uploads/', 'upload');
}

/** No tag and no session id has a slash, so this names nothing; its handler says so in its own words. */
function withSlashes(path: string, keyword: string, resource: Resource): Path | undefined {
  const at = path.lastIndexOf(keyword);
  return at < 0 ? undefined : under(path, at, resource, path.slice(at + keyword.length));
}

function under(path: string, nameEnd: number, resource: Resource, last: string): Path | undefined {
  return nameEnd <= prefix.length ? undefined : { resource, name: path.slice(prefix.length, nameEnd), last };
}

/** Some clients escape the colon of a digest. What cannot be decoded is no valid reference either. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
