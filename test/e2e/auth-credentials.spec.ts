import { type Berth, startBerth } from '../support/berth.js';
import { basic, jsonOf, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { claimsOf, headerOf } from '../support/realm.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'] });
});

afterAll(() => berth.stop());

describe('credentials at the registry', () => {
  const ping = (authorization?: string) => send(berth.url, '/v2/', { headers: authorization ? { authorization } : {} });

  test('B01 nobody is challenged, once', async () => {
    const answer = await ping();
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(`Bearer realm="${berth.url}/token",service="berth"`);
    expect(jsonOf(answer).errors[0].code).toBe('UNAUTHORIZED');
  });

  test('B02 a bearer that is garbage is told so', async () => {
    const answer = await ping('Bearer garbage');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(jsonOf(answer).errors[0].code).toBe('UNAUTHORIZED');
  });

  test('B03 Basic that is no base64', async () => {
    expect((await ping('Basic !!!notb64')).status).toBe(401);
  });

  test('a token and Basic open it', async () => {
    expect((await ping(`Bearer ${await berth.token(ann.username, ann.password)}`)).status).toBe(200);
    expect((await ping(basic(ann.username, ann.password))).status).toBe(200);
    expect((await ping(basic(ann.username, 'wrong'))).status).toBe(401);
  });

  test('the realm follows the Host of the request, and no nonsense in it', async () => {
    const challenge = async (host: string) =>
      (await send(berth.url, '/v2/', { headers: { host } })).headers['www-authenticate'];
    expect(await challenge('registry.lan:8080')).toContain('realm="http://registry.lan:8080/token"');
    expect(await challenge('evil"/x')).not.toContain('evil');
  });

  test('a session and a registry token never pass for one another', async () => {
    const session = await berth.signIn(ann.username, ann.password);
    const registry = await berth.token(ann.username, ann.password, 'repository:team/app:pull');
    expect((await ping(`Bearer ${session}`)).status).toBe(401);
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, registry)).status).toBe(401);
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, session)).status).toBe(200);
    const withCookie = await send(berth.url, '/v2/', { headers: { cookie: `berth=${session}` } });
    expect(withCookie.status).toBe(401);
  });

  test('T7 tokens that anybody could make are refused', async () => {
    const token = await berth.token(ann.username, ann.password, 'repository:team/app:pull');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const other = encode({ ...claimsOf(token), access: [{ type: 'repository', name: 'x', actions: ['*'] }] });
    const forged = [
      `${encode({ ...headerOf(token), alg: 'none' })}.${payload}.`,
      `${header}.${other}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${encode({ ...headerOf(token), kid: '../../dev/null' })}.${payload}.${signature}`,
    ];
    for (const forgery of forged) expect((await ping(`Bearer ${forgery}`)).status).toBe(401);
    expect((await ping(`Bearer ${token}`)).status).toBe(200);
  });
});
