import { type Berth, startBerth } from '../support/berth.js';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { basic, send } from '../support/http.js';

let berth: Berth;
let peer: DockerRegistry;

beforeAll(async () => {
  [berth, peer] = await Promise.all([startBerth(), startDockerRegistry()]);
});

afterAll(() => Promise.all([berth.stop(), peer.stop()]));

const digest = `sha256:${'0'.repeat(64)}`;

describe('B09 a slash too many', () => {
  test.each([
    ['//v2/', '/v2/'],
    ['/v2//', '/v2/'],
    ['//v2/?a=1', '/v2/?a=1'],
    ['///v2//_catalog', '/v2/_catalog'],
    ['/v2/_catalog/', '/v2/_catalog'],
    ['/v2/_catalog/?n=1', '/v2/_catalog?n=1'],
    ['/v2/acme//app/tags/list', '/v2/acme/app/tags/list'],
    ['/v2//acme/app/tags/list', '/v2/acme/app/tags/list'],
    ['/v2/acme/app/tags/list/', '/v2/acme/app/tags/list'],
    ['/v2/acme/app/tags/list/?n=1&last=%2F%2F', '/v2/acme/app/tags/list?n=1&last=%2F%2F'],
    ['/v2/acme/app/manifests/latest/', '/v2/acme/app/manifests/latest'],
    [`/v2/acme/app/blobs/${digest}/`, `/v2/acme/app/blobs/${digest}`],
    ['//v2/acme/app/blobs/uploads/', '/v2/acme/app/blobs/uploads/'],
  ])('%s leads to %s, as with CNCF Distribution', async (path, target) => {
    for (const url of [berth.url, peer.url]) {
      const answer = await send(url, path);
      const { location = '' } = answer.headers;
      expect([url, answer.status, location]).toEqual([url, 301, target]);
    }
    const { admin } = berth;
    const headers = { authorization: basic(admin.username, admin.password) };
    const { status } = await send(berth.url, target, { headers });
    expect(status).not.toBe(301);
    expect((await send(berth.url, path, { headers, method: 'HEAD' })).status).toBe(301);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'a %s is sent there as what it is, with nothing of its body kept',
    async (method) => {
      const body = method === 'DELETE' ? undefined : 'x'.repeat(1000);
      const answer = await send(berth.url, '//v2/acme/app/blobs/uploads/?mount=x', { method, body });
      expect([answer.status, answer.headers.location]).toEqual([308, '/v2/acme/app/blobs/uploads/?mount=x']);
    },
  );

  test.each([
    ['/v2/foo/', 404],
    ['/v2/acme/app/manifests/', 404],
    ['/v2/_unknown//x', 404],
    ['/v2/x/../_catalog', 404],
    ['//evil.example/v2/', 404],
    ['//api/v1/repositories', 404],
  ])('where none leads anywhere, %s is what it was', async (path, status) => {
    const answer = await send(berth.url, path);
    expect([answer.headers.location, answer.status]).toEqual([undefined, status]);
  });

  test('the one who is sent there is told what is wrong with the rest', async () => {
    const answer = await send(berth.url, '/v2/foo/..//../blobs/uploads/x');
    expect(answer.headers.location).toBe('/v2/foo/../../blobs/uploads/x');
    expect((await send(berth.url, answer.headers.location ?? '')).status).toBe(400);
  });
});
