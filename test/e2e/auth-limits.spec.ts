import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_LOGIN_FAILURES: '3' } });
});

afterAll(() => berth.stop());

type Door = (
  who: Credentials,
  headers?: Record<string, string>,
) => Promise<{ status: number; retryAfter: string | undefined; said: string }>;

const doors: Record<string, Door> = {
  console: ({ username, password }, headers) =>
    knock('/api/v1/auth/login', 'application/json', JSON.stringify({ username, password }), headers),
  'the page': (who, headers) =>
    knock('/sign-in', 'application/x-www-form-urlencoded', `${new URLSearchParams({ ...who })}`, headers),
  'GET /token': ({ username, password }, headers) =>
    knock('/token?service=berth', undefined, undefined, { authorization: basic(username, password), ...headers }),
  'POST /token': (who, headers) =>
    knock(
      '/token',
      'application/x-www-form-urlencoded',
      `${new URLSearchParams({ grant_type: 'password', service: 'berth', ...who })}`,
      headers,
    ),
  'Basic /v2/': ({ username, password }, headers) =>
    knock('/v2/', undefined, undefined, { authorization: basic(username, password), ...headers }),
};

async function knock(
  path: string,
  type: string | undefined,
  body: string | undefined,
  headers: Record<string, string> = {},
) {
  const answer = await send(berth.url, path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(type && { 'content-type': type }), ...headers },
    body,
  });
  // The page leads on to the next one.
  const status = answer.status === 303 ? 200 : answer.status;
  return { status, retryAfter: answer.headers['retry-after'], said: answer.body.toString() };
}

describe.each(Object.entries(doors))('B30 failures at %s', (name, door) => {
  test('close it, and every other door, to this account from this address', async () => {
    const who = await addUser(berth, `user-${name.replace(/[^a-z]/gi, '').toLowerCase()}`);
    const wrong = { ...who, password: 'wrong' };
    for (let attempt = 0; attempt < 3; attempt++) expect((await door(wrong)).status).toBe(401);
    for (const other of Object.values(doors)) {
      const { status, retryAfter, said } = await other(who);
      expect(status).toBe(429);
      expect(retryAfter).toMatch(/^[1-9]\d*$/);
      expect(said).toMatch(/[Tt]ry again in [1-9]\d* (?:second|minute)s/);
    }
    // From another address, as the trusted proxy on the loopback reports it, the account is open.
    expect((await door(who, { 'x-forwarded-for': '192.0.2.9' })).status).toBe(200);
  });
});

test('T30 with the settings as they come, the eleventh of one address waits, and nobody else', async () => {
  const plain = await startBerth({ env: { BERTH_TRUSTED_PROXIES: 'none' } });
  try {
    const victim = await addUser(plain, 'victim');
    const other = await addUser(plain, 'other');
    const knock = ({ username, password }: Credentials, forwarded: string) =>
      send(plain.url, '/token?service=berth', {
        headers: { authorization: basic(username, password), 'x-forwarded-for': forwarded },
      });
    for (let attempt = 0; attempt < 10; attempt++)
      expect((await knock({ ...victim, password: 'wrong' }, `10.0.0.${attempt}`)).status).toBe(401);
    // A header that no proxy of ours wrote opens no other address.
    const locked = await knock(victim, '192.0.2.1');
    expect(locked.status).toBe(429);
    const seconds = Number(locked.headers['retry-after']);
    expect([Number.isInteger(seconds), seconds > 0, seconds <= 300]).toEqual([true, true, true]);
    expect((await knock(other, '192.0.2.1')).status).toBe(200);
  } finally {
    await plain.stop();
  }
});

test('a wrong current password is a failure too, and the right one is of no use any more', async () => {
  const who = await addUser(berth, 'changer');
  const session = await berth.signIn(who.username, who.password);
  const change = (currentPassword: string) =>
    berth.api('PUT', '/api/v1/auth/password', { currentPassword, newPassword: 'correct horse battery' }, session);
  for (let attempt = 0; attempt < 3; attempt++) expect((await change('wrong')).status).toBe(401);
  expect((await change(who.password)).status).toBe(429);
  for (const door of Object.values(doors)) expect((await door(who)).status).toBe(429);
});

test('a name in capitals is no other account', async () => {
  const who = await addUser(berth, 'lower');
  for (const username of ['LOWER', 'Lower', 'lower'])
    expect((await doors['GET /token']?.({ username, password: 'wrong' }))?.status).toBe(401);
  expect((await doors['GET /token']?.(who))?.status).toBe(429);
});

test('successes do not count', async () => {
  const who = await addUser(berth, 'busy');
  for (let attempt = 0; attempt < 12; attempt++) expect((await doors['GET /token']?.(who))?.status).toBe(200);
});

test('what a client claims about its address changes nothing', async () => {
  const who = await addUser(berth, 'spoofed');
  // Only the right-most address is the proxy's word; those left of it are the client's.
  const claim = (n: number) => ({ 'x-forwarded-for': `10.9.8.${n}, 192.0.2.77` });
  for (let n = 0; n < 3; n++)
    expect((await doors['GET /token']?.({ ...who, password: 'wrong' }, claim(n)))?.status).toBe(401);
  expect((await doors['GET /token']?.(who, claim(9)))?.status).toBe(429);
});
