import { ask, below, type Row, refuses, unknownDigest } from './harness.js';

const rows: Row[] = [
  ...['-1', 'abc', '1.5', '', '9e99', '0x10', '%00', '1e3', '%2B1', '٣'].flatMap((n) =>
    [
      ['tags', below('GET', `tags/list?n=${encodeURI(n)}`)] as const,
      ['referrers', below('GET', `referrers/${unknownDigest}?n=${encodeURI(n)}`)] as const,
      ['catalogue', ask('GET', `/v2/_catalog?n=${encodeURI(n)}`)] as const,
    ].map(([list, send]) => ({
      ...{ id: list === 'catalogue' ? 'B83' : 'B81', what: `n=${n} of ${list}`, send },
      ...{ status: 400, code: 'PAGINATION_NUMBER_INVALID' },
    })),
  ),
  { id: 'B83', what: 'the catalogue to nobody', send: ask('GET', '/v2/_catalog', 'nobody'), status: 401 },
  ...['latest', 'sha256:bad', `${unknownDigest}0`, 'md5:d41d8cd98f00b204e9800998ecf8427e'].map((digest) => ({
    ...{ id: 'B84', what: `referrers of ${digest}`, send: below('GET', `referrers/${digest}`) },
    ...{ status: 400, code: 'DIGEST_INVALID' },
  })),
  ...['POST', 'PUT', 'DELETE'].map((method) => ({
    ...{ id: 'B84', what: `${method} of referrers`, send: below(method, `referrers/${unknownDigest}`) },
    ...{ status: 405, code: 'UNSUPPORTED', headers: { allow: /^GET, HEAD$/ } },
  })),
];

refuses(rows, (scene) => {
  const get = (path: string) => scene().writer.request('acme/app', path, { actions: 'pull' });

  test('B81 n=0 is an empty page and a vast n a large one', async () => {
    const none = await get('tags/list?n=0');
    expect([none.status, JSON.parse(none.body.toString()).tags, none.headers.link]).toEqual([200, [], undefined]);
    for (const n of ['1000000000', '2147483648', '9223372036854775808', '99999999999999999999999']) {
      const answer = await get(`tags/list?n=${n}`);
      expect([n, answer.status, JSON.parse(answer.body.toString()).tags]).toEqual([n, 200, ['latest']]);
    }
  });

  test('B81 of two n the first counts, and a list of n is none', async () => {
    expect(JSON.parse((await get('tags/list?n=0&n=5')).body.toString()).tags).toEqual([]);
    expect(JSON.parse((await get('tags/list?n[]=0')).body.toString()).tags).toEqual(['latest']);
  });

  test('B83 the catalogue is what one may pull', async () => {
    const headers = { authorization: scene().as.reader };
    const answer = await scene().writer.raw('/v2/_catalog?n=1000000', { headers });
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, { repositories: ['acme/app'] }]);
  });

  test('B84 a filter cannot break out of a header', async () => {
    const answer = await get(`referrers/${unknownDigest}?artifactType=${'x'.repeat(10_000)}%0d%0aX-Evil:%201`);
    expect([answer.status, JSON.parse(answer.body.toString()).manifests]).toEqual([200, []]);
    expect(answer.headers).not.toHaveProperty('x-evil');
  });
});
