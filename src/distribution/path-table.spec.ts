import { PathTable } from './path-table.js';

const written = {
  base: '/v2/',
  catalog: '/v2/_catalog',
  tags: '/v2/<name>/tags/list',
  manifest: '/v2/<name>/manifests/<reference>',
  referrers: '/v2/<name>/referrers/<digest>',
  blob: '/v2/<name>/blobs/<digest>',
  uploads: '/v2/<name>/blobs/uploads/',
  upload: '/v2/<name>/blobs/uploads/<session>',
  search: '/v1/search',
};
const table = new PathTable(Object.values(written).map((path) => ({ method: 'GET', path })));

test.each<[string, keyof typeof written, string, string]>([
  ['/v2/', 'base', '', ''],
  ['/v2', 'base', '', ''],
  ['/v2/_catalog', 'catalog', '', ''],
  ['/v1/search', 'search', '', ''],
  ['/v2/app/tags/list', 'tags', 'app', ''],
  ['/v2/team/app/manifests/latest', 'manifest', 'team/app', 'latest'],
  ['/v2/team/app/manifests/sha256%3Aabc', 'manifest', 'team/app', 'sha256%3Aabc'],
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
  expect(table.match(path)).toMatchObject({ resource: { path: written[resource] }, name, last });
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
  '/v2/app/manifests/tags/x',
  '/v2/app',
  '',
  '/',
])('%j is no route', (path) => {
  expect(table.match(path)).toBeUndefined();
});

test.each(['/v2/', '/v2', '/v2?x', '/v2/app/tags/list?n=1', '/v2/_unknown', '/v1/search?q=a'])('%s is served', (url) =>
  expect(table.serves(url)).toBe(true),
);

test.each(['/', '/v2x', '/v1/_ping', '/v1/search/', '/api/v2/', '//v2/'])('%s is not', (url) =>
  expect(table.serves(url)).toBe(false),
);

test('a path has every method of its routes', () => {
  const path = written.blob;
  const { methods } =
    new PathTable(['GET', 'DELETE'].map((method) => ({ method, path }))).match('/v2/a/blobs/x')?.resource ?? {};
  expect([...(methods?.keys() ?? [])]).toEqual(['GET', 'DELETE']);
});

test.each(['/v2/<name>/manifests/<digest>', '/v2/<name>/tags/uploads/<session>'])(
  'beside the others %s is refused: one of two would never be found',
  (path) => {
    const routes = [...Object.values(written), path].map((each) => ({ method: 'GET', path: each }));
    expect(() => new PathTable(routes)).toThrow(`${path} cannot be told from another route of the table`);
  },
);
