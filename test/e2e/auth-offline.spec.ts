import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, jsonOf, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { until } from '../support/ports.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth();
  await berth.api('POST', '/api/v1/repositories', { name: 'team/app', visibility: 'private' });
});

afterAll(() => berth.stop());

const scope = 'repository:team/app:push,pull';

/** What docker sends when somebody signs in, with some parameters changed or, given as undefined, left out. */
function dockerLogin(who: Credentials, changes: Record<string, string | undefined> = {}): Promise<Answer> {
  const sent = { account: who.username, client_id: 'docker', offline_token: 'true', service: 'berth', ...changes };
  const given = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const headers = { authorization: basic(who.username, who.password) };
  return send(berth.url, `/token?${new URLSearchParams(given)}`, { headers });
}

/** What docker sends afterwards. */
function refresh(refreshToken: string, changes: Record<string, string> = {}): Promise<Answer> {
  const form = { grant_type: 'refresh_token', service: 'berth', client_id: 'docker', scope, ...changes };
  return post({ ...form, refresh_token: refreshToken });
}

function post(form: Record<string, string>): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(berth.url, '/token', { method: 'POST', headers, body: new URLSearchParams(form).toString() });
}

const pull = async (token: string) =>
  (await send(berth.url, '/v2/team/app/tags/list', { headers: { authorization: `Bearer ${token}` } })).status;

let people = 0;
async function signedIn(): Promise<{ who: Credentials; secret: string }> {
  const who = await addUser(berth, `person-${people++}`, { 'team/*': ['push'] });
  return { who, secret: jsonOf(await dockerLogin(who)).refresh_token };
}

describe('a refresh token', () => {
  test('is given for a password when it is asked for, by GET and by POST', async () => {
    const { who, secret } = await signedIn();
    expect(secret).toMatch(/^berth_ref_/);
    const form = { grant_type: 'password', service: 'berth', client_id: 'ctr', ...who };
    const answer = await post({ ...form, access_type: 'offline' });
    expect(jsonOf(answer).refresh_token).toMatch(/^berth_ref_/);
    expect(jsonOf(await post(form))).not.toHaveProperty('refresh_token');
    for (const changes of [{ offline_token: undefined }, { offline_token: 'false' }, { client_id: undefined }])
      expect(jsonOf(await dockerLogin(who, changes))).not.toHaveProperty('refresh_token');
  });

  test('is not given to nobody', async () => {
    const answer = await send(berth.url, '/token?service=berth&client_id=docker&offline_token=true');
    expect(jsonOf(answer)).not.toHaveProperty('refresh_token');
  });

  test('gives access tokens again and again, and never another refresh token', async () => {
    const { secret } = await signedIn();
    for (let time = 0; time < 10; time++) {
      const answer = await refresh(secret);
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(Object.keys(jsonOf(answer)).sort()).toEqual([
        ...['access_token', 'expires_in', 'issued_at', 'scope', 'token'],
      ]);
      expect(jsonOf(answer).scope).toBe('repository:team/app:pull,push');
      expect(await pull(jsonOf(answer).access_token)).toBe(200);
    }
  });

  test.each<[string, (secret: string) => Promise<Answer>, number]>([
    ['unknown', () => refresh('berth_ref_unknown'), 401],
    ['missing', () => post({ grant_type: 'refresh_token', service: 'berth', client_id: 'docker' }), 401],
    ['of another service', (secret) => refresh(secret, { service: 'other' }), 400],
    ['used as a password', (secret) => dockerLogin({ username: `person-${people - 1}`, password: secret }), 401],
    ['used as a bearer', (secret) => send(berth.url, '/v2/', { headers: { authorization: `Bearer ${secret}` } }), 401],
    [
      'used at the REST API',
      (secret) => send(berth.url, '/api/v1/auth/me', { headers: { authorization: `Bearer ${secret}` } }),
      401,
    ],
  ])('B27 %s is refused', async (_name, ask, status) => {
    const { secret } = await signedIn();
    expect((await ask(secret)).status).toBe(status);
    expect((await refresh(secret)).status).toBe(200);
  });

  const programs = [
    ...['docker', 'registry-client', 'containers/image', 'containerd-client', 'buildkit-client', 'oras-go'],
    ...[
      'go-containerregistry',
      'regclient',
      'netsdkcontainers',
      'jib.da031fe481a93ac107a95a96462358f9',
      'nobody-knows-it',
    ],
    '',
  ];

  test.each(['docker', 'ctr'])(
    'of %s is good for every program that reads it, whatever it calls itself',
    async (owner) => {
      const { who } = await signedIn();
      const secret = jsonOf(await dockerLogin(who, { client_id: owner })).refresh_token;
      for (const client_id of programs) {
        const answer = await refresh(secret, { client_id });
        expect([client_id, answer.status]).toEqual([client_id, 200]);
        expect(await pull(jsonOf(answer).access_token)).toBe(200);
      }
    },
  );

  test('is counted among the sign-ins of the audit log by the name of the program', async () => {
    const { who, secret } = await signedIn();
    for (const client_id of ['regclient', 'regclient', 'jib.\u202e<b>x', '']) await refresh(secret, { client_id });
    const counts = async () => {
      const { body } = await berth.api('GET', `/api/v1/audit?action=sign-in&actor=user:${who.username}&limit=100`);
      return Object.fromEntries(
        body.items.map(({ reference, count }: { reference: string; count: number }) => [reference, count]),
      );
    };
    await until('the counts are written', async () => (await counts()).refresh === 1);
    const seen = await counts();
    expect(seen).toMatchObject({ 'refresh regclient': 2, refresh: 1, password: 1 });
    expect(Object.keys(seen).filter((name) => name.startsWith('refresh jib.'))).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toMatch(/\u202e/);
    expect(JSON.stringify(seen)).not.toContain(secret);
  });

  test('survives a restart and a rotation of the signing key', async () => {
    const { secret } = await signedIn();
    await berth.api('POST', '/api/v1/system/keys:rotate');
    await berth.restart();
    expect(await pull(jsonOf(await refresh(secret)).access_token)).toBe(200);
  });
});

describe('a refresh token is a sign-in', () => {
  const listed = async (session: string) =>
    (await berth.api('GET', '/api/v1/auth/sessions', undefined, session)).body.items.filter(
      ({ kind }: { kind: string }) => kind === 'refresh-token',
    );

  test('that its owner sees among the sessions and ends, with every token it gave', async () => {
    const { who, secret } = await signedIn();
    const { access_token: token } = jsonOf(await refresh(secret));
    const session = await berth.signIn(who.username, who.password);
    const items = await listed(session);
    expect(items).toEqual([
      {
        ...{ id: expect.any(String), kind: 'refresh-token', clientId: 'docker', current: false },
        ...{ createdAt: expect.any(String), lastSeenAt: expect.any(String), expiresAt: expect.any(String) },
        ...{ address: '127.0.0.1', userAgent: expect.any(String) },
      },
    ]);
    const idleDays = (Date.parse(items[0].expiresAt) - Date.parse(items[0].createdAt)) / 86_400_000;
    expect(idleDays).toBeCloseTo(90, 1);
    expect(JSON.stringify(items)).not.toContain(secret);
    expect(await pull(token)).toBe(200);
    const path = `/api/v1/auth/sessions/${items[0].id}`;
    expect((await berth.api('DELETE', path)).status).toBe(404); // not the administrator's
    expect((await berth.api('DELETE', path, undefined, session)).status).toBe(204);
    const refused = await refresh(secret);
    expect([refused.status, String(refused.body)]).toEqual([401, expect.stringContaining('sign in again')]);
    expect(await pull(token)).toBe(401);
    expect(await listed(session)).toEqual([]);
  });

  test('that ends with all the others', async () => {
    const { who, secret } = await signedIn();
    const [session, other] = [
      await berth.signIn(who.username, who.password),
      await berth.signIn(who.username, who.password),
    ];
    expect((await berth.api('DELETE', '/api/v1/auth/sessions', undefined, session)).status).toBe(204);
    expect((await refresh(secret)).status).toBe(401);
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, other)).status).toBe(401);
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, session)).status).toBe(200);
  });

  test('that the profile page shows and ends too', async () => {
    const { who, secret } = await signedIn();
    const headers = { 'content-type': 'application/json' };
    const login = await send(berth.url, '/api/v1/auth/login', { method: 'POST', headers, body: JSON.stringify(who) });
    const cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const page = (await send(berth.url, '/account', { headers: { cookie } })).body.toString();
    expect(page).toContain('<span class="any">docker</span>');
    const form = `_csrf=${/name="_csrf" value="([^"]+)"/.exec(page)?.[1]}`;
    const sent = { cookie, origin: berth.url, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await send(berth.url, '/account/sessions/end', { method: 'POST', headers: sent, body: form });
    expect(answer.status).toBe(303);
    expect((await refresh(secret)).status).toBe(401);
  });

  test.each<[string, (username: string, password: string) => Promise<unknown>]>([
    [
      'a new password',
      async (username, password) => {
        const session = await berth.signIn(username, password);
        const body = { currentPassword: password, newPassword: 'correct horse battery staple' };
        expect((await berth.api('PUT', '/api/v1/auth/password', body, session)).status).toBe(200);
      },
    ],
    [
      'a reset by an administrator',
      (username) =>
        berth.api('POST', `/api/v1/users/${username}/password-reset`, { password: 'correct horse battery' }),
    ],
    ['disabling', (username) => berth.api('PATCH', `/api/v1/users/${username}`, { enabled: false })],
    [
      'disabling and enabling',
      async (username) => {
        await berth.api('PATCH', `/api/v1/users/${username}`, { enabled: false });
        await berth.api('PATCH', `/api/v1/users/${username}`, { enabled: true });
      },
    ],
    ['removal', (username) => berth.api('DELETE', `/api/v1/users/${username}`)],
  ])('that ends at once with %s', async (_name, end) => {
    const { who, secret } = await signedIn();
    const { access_token: token } = jsonOf(await refresh(secret));
    expect(await pull(token)).toBe(200);
    await end(who.username, who.password);
    expect(await pull(token)).toBe(401);
    expect((await refresh(secret)).status).toBe(401);
  });
});
