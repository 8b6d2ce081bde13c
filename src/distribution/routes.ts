import type { Action } from '../access/action.js';
import type { Resource } from './path.js';

/** Every method and resource the data plane answers, with what it takes to be allowed. Tests walk this table. */
export const dataPlaneRoutes = [
  row('ping', 'GET', 'base', []),
  row('ping', 'HEAD', 'base', []),
  row('listRepositories', 'GET', 'catalog', []),
  row('listRepositories', 'HEAD', 'catalog', []),
  row('search', 'GET', 'search', []),
  row('search', 'HEAD', 'search', []),
  row('listTags', 'GET', 'tags', ['pull']),
  row('listTags', 'HEAD', 'tags', ['pull']),
  row('getManifest', 'GET', 'manifest', ['pull']),
  row('getManifest', 'HEAD', 'manifest', ['pull']),
  row('putManifest', 'PUT', 'manifest', ['pull', 'push']),
  row('deleteManifest', 'DELETE', 'manifest', ['delete']),
  row('listReferrers', 'GET', 'referrers', ['pull']),
  row('listReferrers', 'HEAD', 'referrers', ['pull']),
  row('getBlob', 'GET', 'blob', ['pull']),
  row('headBlob', 'HEAD', 'blob', ['pull']),
  row('deleteBlob', 'DELETE', 'blob', ['delete']),
  row('startUpload', 'POST', 'uploads', ['pull', 'push']),
  row('describeUpload', 'GET', 'upload', ['pull', 'push']),
  row('describeUpload', 'HEAD', 'upload', ['pull', 'push']),
  row('appendToUpload', 'PATCH', 'upload', ['pull', 'push'], { outlivesToken: true }),
  row('finishUpload', 'PUT', 'upload', ['pull', 'push'], { outlivesToken: true }),
  row('cancelUpload', 'DELETE', 'upload', ['pull', 'push']),
] as const;

export interface DataPlaneRoute<O extends string = Operation> {
  readonly operation: O;
  readonly method: string;
  readonly resource: Resource;
  /** As OCI writes it: `/v2/<name>/manifests/<reference>`. */
  readonly path: string;
  /** Every one is needed; a 401 names them. Empty: any valid credential will do. */
  readonly actions: readonly Action[];
  /** A long push goes on with a token that expired while its session was alive. */
  readonly outlivesToken: boolean;
}

export type Operation = (typeof dataPlaneRoutes)[number]['operation'];

const byResource = new Map<Resource, Map<string, DataPlaneRoute>>();
for (const route of dataPlaneRoutes) {
  const methods = byResource.get(route.resource) ?? new Map<string, DataPlaneRoute>();
  byResource.set(route.resource, methods.set(route.method, route));
}

export function findRoute(resource: Resource, method: string): DataPlaneRoute | undefined {
  return byResource.get(resource)?.get(method);
}

/** For the Allow header of a 405. */
export function allowedMethods(resource: Resource): string[] {
  return [...(byResource.get(resource)?.keys() ?? [])];
}

function row<O extends string>(
  operation: O,
  method: string,
  resource: Resource,
  actions: readonly Action[],
  { outlivesToken = false } = {},
): DataPlaneRoute<O> {
  const paths: Record<Resource, string> = {
    base: '/v2/',
    catalog: '/v2/_catalog',
    search: '/v1/search',
    tags: '/v2/<name>/tags/list',
    manifest: '/v2/<name>/manifests/<reference>',
    referrers: '/v2/<name>/referrers/<digest>',
    blob: '/v2/<name>/blobs/<digest>',
    uploads: '/v2/<name>/blobs/uploads/',
    upload: '/v2/<name>/blobs/uploads/<session>',
  };
  return { operation, method, resource, path: paths[resource], actions, outlivesToken };
}
