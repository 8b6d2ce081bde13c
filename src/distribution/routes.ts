import type { Scope } from '../oci/scope.js';
import { sendJson } from './answer.js';
import { PathTable } from './path-table.js';
import { type Row, registryRows, repositoryRows } from './row.js';
import { digest, existingReference, newReference, nothing, session } from './targets.js';

const catalogScope: Scope = { type: 'registry', name: 'catalog', actions: ['*'] };
/** As docker asks for it. */
const searchScope: Scope = { type: 'registry', name: 'catalog', actions: ['search'] };

const reading = ['GET', 'HEAD'];

/** Every method and path the data plane answers: a new route is a new row. Tests walk this table. */
export const dataPlaneRoutes: readonly Row[] = [
  registryRows(reading, '/v2/', {
    needs: 'any',
    handle: (_handlers, { response }) => sendJson(response, {}, 'application/json'),
  }),
  registryRows(reading, '/v2/_catalog', {
    needs: catalogScope,
    handle: ({ lists }, call) => lists.catalog(call),
  }),
  // All that is left of the first version of the protocol: where `docker search` asks.
  registryRows(reading, '/v1/search', {
    needs: searchScope,
    handle: ({ lists }, call) => lists.search(call),
  }),
  repositoryRows(reading, '/v2/<name>/tags/list', {
    needs: ['pull'],
    target: nothing,
    handle: ({ lists }, call) => lists.tags(call),
  }),
  repositoryRows(reading, '/v2/<name>/manifests/<reference>', {
    needs: ['pull'],
    target: existingReference,
    handle: ({ manifests }, call, reference) => manifests.get(call, reference),
  }),
  repositoryRows(['PUT'], '/v2/<name>/manifests/<reference>', {
    needs: ['pull', 'push'],
    target: newReference,
    handle: ({ manifests }, call, reference) => manifests.put(call, reference),
    records: 'always',
    takes: 'manifest',
  }),
  repositoryRows(['DELETE'], '/v2/<name>/manifests/<reference>', {
    needs: ['delete'],
    target: existingReference,
    handle: ({ manifests }, call, reference) => manifests.delete(call, reference),
    records: 'always',
  }),
  repositoryRows(reading, '/v2/<name>/referrers/<digest>', {
    needs: ['pull'],
    target: digest,
    handle: ({ lists }, call, subject) => lists.referrers(call, subject),
  }),
  repositoryRows(['GET'], '/v2/<name>/blobs/<digest>', {
    needs: ['pull'],
    target: digest,
    handle: ({ blobs }, call, blob) => blobs.get(call, blob),
    gives: 'blob',
  }),
  repositoryRows(['HEAD'], '/v2/<name>/blobs/<digest>', {
    needs: ['pull'],
    target: digest,
    handle: ({ blobs }, call, blob) => blobs.head(call, blob),
  }),
  repositoryRows(['DELETE'], '/v2/<name>/blobs/<digest>', {
    needs: ['delete'],
    target: digest,
    handle: ({ blobs }, call, blob) => blobs.delete(call, blob),
    records: 'always',
  }),
  repositoryRows(['POST'], '/v2/<name>/blobs/uploads/', {
    needs: ['pull', 'push'],
    target: nothing,
    handle: ({ uploads }, call) => uploads.start(call),
    // An upload that is only opened changes no row; a mount, and a blob that comes with the request, do.
    records: 'with a query',
    mounts: true,
    takes: 'blob',
  }),
  repositoryRows(reading, '/v2/<name>/blobs/uploads/<session>', {
    needs: ['pull', 'push'],
    target: session,
    handle: ({ uploads }, call, id) => uploads.describe(call, id),
  }),
  repositoryRows(['PATCH'], '/v2/<name>/blobs/uploads/<session>', {
    needs: ['pull', 'push'],
    target: session,
    handle: ({ uploads }, call, id) => uploads.append(call, id),
    outlivesToken: true,
    takes: 'blob',
  }),
  repositoryRows(['PUT'], '/v2/<name>/blobs/uploads/<session>', {
    needs: ['pull', 'push'],
    target: session,
    handle: ({ uploads }, call, id) => uploads.finish(call, id),
    records: 'always',
    outlivesToken: true,
    takes: 'blob',
  }),
  repositoryRows(['DELETE'], '/v2/<name>/blobs/uploads/<session>', {
    needs: ['pull', 'push'],
    target: session,
    handle: ({ uploads }, call, id) => uploads.cancel(call, id),
  }),
].flat();

/** Which of them a path leads to. */
export const paths = new PathTable(dataPlaneRoutes);
