import { isDataPlane, parsePath } from './path.js';

test.each([
  ['/v2/', 'base', '', ''],
  ['/v2', 'base', '', ''],
  ['/v2/_catalog', 'catalog', '', ''],
  ['/v2/app/tags/list', 'tags', 'app', ''],
  ['/v2/team/app/manifests/latest', 'manifest', 'team/app', 'latest'],
  ['/v2/team/app/manifests/sha256%3Aabc', 'manifest', 'team/app', 'sha256:abc'],
  ['/v2/app/manifests/%zz', 'manifest', 'app', '%zz'],
  ['/v2/app/manifests/', 'manifest', 'app', ''],
  ['/v2/app/manifests/a/../b', 'manifest', 'app', 'a/../b'],
  ['/v2/app/blobs/sha256:abc', 'blob', 'app', 'sha256:abc'],
  ['/v2/app/referrers/sha256:abc', 'referrers', 'app', 'sha256:abc'],
  ['/v2/app/blobs/uploads/', 'uploads', 'app', ''],
  ['/v2/app/blobs/uploads', 'uploads', 'app', ''],
  ['/v2/app/blobs/uploads/id', 'upload', 'app', 'id'],
  ['/v2/app/blobs/uploads/../id', 'upload', 'app', '../id'],
  ['/v2/app/blobs/uploads/%00', 'upload', 'app', '%00'],
  ['/v2/foo/../../blobs/uploads/id', 'upload', 'foo/../..', 'id'],
  // Names may hold every keyword; the right-most one counts.
  ['/v2/foo/bar/manifests/tags/list', 'tags', 'foo/bar/manifests', ''],
  ['/v2/foo/bar/manifests/manifests/tags', 'manifest', 'foo/bar/manifests', 'tags'],
  ['/v2/foo/blobs/uploads/manifests/latest', 'manifest', 'foo/blobs/uploads', 'latest'],
  ['/v2/blobs/uploads/blobs/uploads/', 'uploads', 'blobs/uploads', ''],
  ['/v2//app/tags/list', 'tags', '/app', ''],
])('%s is %s of "%s"', (path, resource, name, last) => {
  expect(parsePath(path)).toEqual({ resource, name, last });
});

test.each([
  '/v2/_unknown',
  '/v2/app/blah/x',
  '/v2/app/tags/other',
  '/v2/tags/list',
  '/v2/manifests/latest',
  '/v2/blobs/uploads/',
  `/v2/app/blobs/sha256:${'a'.repeat(64)}/x`,
  '/v2/app/uploads/id',
  '/v2/app',
  '',
  '/',
])('%j is no route', (path) => {
  expect(parsePath(path)).toBeUndefined();
});

test('only /v2 belongs to the data plane', () => {
  expect(['/v2/', '/v2', '/v2?x', '/v2/app/tags/list?n=1'].every(isDataPlane)).toBe(true);
  expect(['/', '/v2x', '/v1/_ping', '/api/v2/', '//v2/'].some(isDataPlane)).toBe(false);
});
