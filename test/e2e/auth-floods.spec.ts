import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';

const elsewhere = '198.51.100.7';

let berth: Berth;
// One for each, because what a flood leaves waiting is in the way of the next one.
beforeEach(async () => {
  berth = await startBerth({ env: { BERTH_LOGIN_FAILURES: '3' } });
});
afterEach(() => berth.stop());

async function signIn({ username, password }: Credentials, from: string, signal?: AbortSignal): Promise<number> {
  const headers = { authorization: basic(username, password), 'x-forwarded-for': from };
  return (await send(berth.url, '/token?service=berth', { headers, signal })).status;
}

/** Made-up names from these addresses, more at once than can wait, while `work` runs. Tells how many were compared meanwhile. */
async function duringFlood(from: readonly string[], work: () => Promise<void>): Promise<number> {
  const over = new AbortController();
  let compared = 0;
  const guess = async (n: number) => {
    const madeUp = { username: `made-up-${n}`, password: `${from[0]}` };
    const status = await signIn(madeUp, from[n % from.length] ?? '', over.signal).catch(() => 0);
    if (status === 401) compared += 1;
  };
  const flood = Promise.all(Array.from({ length: 400 }, (_, n) => guess(n)));
  try {
    await until(() => compared > 0);
    const before = compared;
    await work();
    return compared - before;
  } finally {
    over.abort();
    await flood;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('of many guesses at once no more are compared than the limit, and two that were under way', async () => {
  const cat = await addUser(berth, 'cat');
  const guesses = Array.from({ length: 240 }, (_, n) => signIn({ ...cat, password: `guess-${n}` }, '192.0.2.4'));
  const statuses = await Promise.all(guesses);
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(3 + 2);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(await signIn(cat, elsewhere)).toBe(200);
});

test('guesses from all addresses of a /64 are those of one', async () => {
  const dan = await addUser(berth, 'dan');
  for (const host of [1, 2, 3]) expect(await signIn({ ...dan, password: 'wrong' }, `2001:db8:0:2::${host}`)).toBe(401);
  expect(await signIn(dan, '2001:db8:0:2:ffff::4')).toBe(429);
  expect(await signIn(dan, '2001:db8:0:3::1')).toBe(200);
});

test('wrong access tokens and robot secrets, however many, wait for no password and lock nobody out', async () => {
  const eve = await addUser(berth, 'eve');
  const session = await berth.signIn(eve.username, eve.password);
  const made = await berth.api('POST', '/api/v1/tokens', { name: 'gone' }, session);
  expect((await berth.api('DELETE', `/api/v1/tokens/${made.body.id}`, undefined, session)).status).toBe(204);
  const robot = await berth.api('POST', '/api/v1/robots', { namespace: 'team', name: 'gone' });
  expect((await berth.api('DELETE', '/api/v1/robots/team+gone')).status).toBe(204);
  const wrong = [
    { username: 'eve', password: made.body.secret },
    { username: 'team+gone', password: robot.body.secret },
  ];
  const statuses = await Promise.all(Array.from({ length: 600 }, (_, n) => signIn(wrong[n % 2] ?? eve, '192.0.2.5')));
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(await signIn(eve, '192.0.2.5')).toBe(200);
});

describe('a flood of made-up names', () => {
  test('from one address keeps nobody elsewhere out', async () => {
    const ann = await addUser(berth, 'ann');
    const compared = await duringFlood(['192.0.2.1'], async () => expect(await signIn(ann, elsewhere)).toBe(200));
    expect(compared).toBeLessThan(60);
  });

  test('from all addresses of a /64 is one from one address', async () => {
    const amy = await addUser(berth, 'amy');
    const network = Array.from({ length: 400 }, (_, n) => `2001:db8:0:1::${n.toString(16)}`);
    const compared = await duringFlood(network, async () => expect(await signIn(amy, elsewhere)).toBe(200));
    expect(compared).toBeLessThan(60);
  });

  test('from a few addresses makes others wait for a few', async () => {
    const abe = await addUser(berth, 'abe');
    const few = Array.from({ length: 8 }, (_, n) => `203.0.113.${n}`);
    const compared = await duringFlood(few, async () => expect(await signIn(abe, elsewhere)).toBe(200));
    expect(compared).toBeLessThan(60);
  });

  test('lets those in who signed in from the same address before', async () => {
    const office = '192.0.2.2';
    const bob = await addUser(berth, 'bob');
    expect(await signIn(bob, office)).toBe(200);
    const password = 'a new password for bob';
    await berth.api('POST', '/api/v1/users/bob/password-reset', { password });
    const session = await berth.signIn('bob', password);
    const own = { currentPassword: password, newPassword: 'one that bob chose' };
    expect((await berth.api('PUT', '/api/v1/auth/password', own, session)).status).toBe(200);
    const compared = await duringFlood([office], async () =>
      expect(await signIn({ username: 'bob', password: own.newPassword }, office)).toBe(200),
    );
    expect(compared).toBeLessThan(60);
  });

  test('does not keep an administrator from creating users', async () => {
    const compared = await duringFlood(['192.0.2.3'], async () => {
      await addUser(berth, 'new-one');
    });
    expect(compared).toBeLessThan(60);
  });
});
