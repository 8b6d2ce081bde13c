import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, type Question, send } from '../support/http.js';

const ui = 'https://ui.example.com';
const corsHeaders = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));
const from = (origin: string, question: Question = {}): Question => ({
  ...question,
  headers: { ...question.headers, origin },
});
const preflight = (origin: string, method = 'PUT'): Question =>
  from(origin, { method: 'OPTIONS', headers: { 'access-control-request-method': method } });

const paths = ['/api/v1/auth/me', '/v2/', '/v2/team/app/manifests/1', '/token?service=berth', '/.well-known/jwks.json'];

describe('without a setting', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(() => berth.stop());

  test.each(paths)('%s says nothing to other origins', async (path) => {
    for (const question of [from(ui), preflight(ui)]) {
      const answer = await send(berth.url, path, question);
      expect(corsHeaders(answer)).toEqual([]);
      expect(answer.headers.vary ?? '').not.toContain('Origin');
      if (question.method === 'OPTIONS') expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('for the origins of a list', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth({
      env: { BERTH_CORS_ORIGINS: `${ui}, http://10.0.0.5:3000`, BERTH_CORS_METHODS: 'GET,PUT' },
    });
  });
  afterAll(() => berth.stop());

  test.each(paths)('%s may be asked, whatever it answers', async (path) => {
    for (const origin of [ui, 'http://10.0.0.5:3000']) {
      const { headers } = await send(berth.url, path, from(origin));
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      });
      const exposed = headers['access-control-expose-headers']?.split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining(['Link', 'X-Total-Count', 'ETag', 'Location', 'WWW-Authenticate']),
      );
    }
  });

  test.each(paths)('%s may be asked about beforehand, by nobody in particular', async (path) => {
    const answer = await send(berth.url, path, preflight(ui));
    expect(answer.status).toBe(204);
    expect(answer.body).toHaveLength(0);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': ui,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, PUT',
      // All that docker-registry-ui sends, among others.
      'access-control-allow-headers': expect.stringMatching(/Accept, Authorization, Cache-Control, /),
      'access-control-max-age': '600',
      vary: 'Origin',
    });
  });

  test.each([
    'https://evil.example',
    'http://ui.example.com',
    'https://ui.example.com.evil.example',
    'https://ui.example.com:8443',
    'https://UI.example.com',
    'null',
    '*',
    '',
  ])('%j, which is not in it, gets nothing', async (origin) => {
    for (const path of paths) {
      for (const question of [from(origin), preflight(origin)]) {
        const answer = await send(berth.url, path, question);
        expect(corsHeaders(answer)).toEqual([]);
        expect(answer.headers.vary).toBe('Origin');
      }
    }
  });

  test.each(['/', '/sign-in', '/healthz'])('%s is for our own origin', async (path) => {
    expect(corsHeaders(await send(berth.url, path, from(ui)))).toEqual([]);
  });

  test('its pages may sign people in; what only a cookie signs in changes nothing', async () => {
    const signIn = (origin: string) =>
      send(
        berth.url,
        '/api/v1/auth/login',
        from(origin, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
          body: JSON.stringify(berth.admin),
        }),
      );
    expect((await signIn('https://evil.example')).status).toBe(403);
    const answer = await signIn(ui);
    expect(answer.status).toBe(200);
    const cookie = String(answer.headers['set-cookie']?.[0]).split(';', 1)[0] ?? '';
    const makeGroup = (credentials: Record<string, string>) =>
      send(
        berth.url,
        '/api/v1/groups',
        from(ui, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...credentials },
          body: JSON.stringify({ name: 'crew' }),
        }),
      );
    expect((await makeGroup({ cookie })).status).toBe(403);
    const { accessToken } = JSON.parse(answer.body.toString());
    const made = await makeGroup({ authorization: `Bearer ${accessToken}` });
    expect(made.status).toBe(201);
    expect(made.headers['access-control-allow-origin']).toBe(ui);
  });
});

describe('for everybody', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth({ env: { BERTH_CORS_ORIGINS: '*' } });
  });
  afterAll(() => berth.stop());

  test.each(paths)('%s may be asked, without cookies', async (path) => {
    for (const question of [from(ui), preflight('https://evil.example')]) {
      const { headers } = await send(berth.url, path, question);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  test('and nobody else signs in a visitor', async () => {
    const answer = await send(
      berth.url,
      '/api/v1/auth/login',
      from(ui, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(berth.admin) }),
    );
    expect(answer.status).toBe(403);
  });
});
