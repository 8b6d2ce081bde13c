import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { addSignedIn, addUser } from '../support/people.js';
import { until } from '../support/ports.js';

interface Event {
  readonly action: string;
  readonly count: number;
  readonly resource: { readonly kind: string; readonly name?: string } | null;
  readonly reference: string;
  readonly address: string;
}

let berth: Berth;
let authorization: string;
/** Behind a proxy that it trusts, anybody's address is what the proxy says. */
beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_TRUSTED_PROXIES: '127.0.0.1' } });
  authorization = `Bearer ${await berth.signIn('admin', berth.admin.password)}`;
});
afterAll(() => berth.stop());

async function events(filter: string): Promise<Event[]> {
  const { body } = await send(berth.url, `/api/v1/audit.ndjson?${filter}`, { headers: { authorization } });
  const lines = body.toString().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Event);
}
async function counted(filter: string, events_: number): Promise<Event[]> {
  let found: Event[] = [];
  await until(filter, async () => {
    found = await events(filter);
    return found.reduce((sum, { count }) => sum + count, 0) >= events_;
  });
  return found;
}

test('a user who asks for names that are made up fills twenty rows and counts in one more', async () => {
  const eve = await addUser(berth, 'eve');
  const token = await berth.token('eve', eve.password);
  const ask = (name: string) =>
    fetch(`${berth.url}/v2/made/up-${name}/manifests/latest`, { headers: { authorization: `Bearer ${token}` } });
  for (let round = 0; round < 20; round++)
    await Promise.all(Array.from({ length: 25 }, (_, number) => ask(`${round}-${number}`)));
  const rows = await counted('action=denied&actor=eve', 500);
  expect(rows).toHaveLength(21);
  const [rest] = rows.filter(({ resource }) => resource?.kind === '*');
  expect(rest).toMatchObject({ count: 480, reference: '*', address: '127.0.0.1' });

  const mallory = await addUser(berth, 'mallory');
  const other = await berth.token('mallory', mallory.password);
  await fetch(`${berth.url}/v2/secret/app/manifests/latest`, { headers: { authorization: `Bearer ${other}` } });
  expect(await counted('action=denied&actor=mallory', 1)).toMatchObject([{ resource: { name: 'secret/app' } }]);
});

test('anonymous denials by way of many addresses end in few rows, and CSV and filters know the rest', async () => {
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        fetch(`${berth.url}/api/v1/auth/logout`, {
          method: 'POST',
          headers: { origin: 'https://evil.example', 'x-forwarded-for': `2001:db8:${round}:${number}::1` },
        }),
      ),
    );
  }
  const rows = await counted('action=denied&actor=anonymous', 400);
  expect(rows).toHaveLength(101);
  expect(rows.find(({ address }) => address === '*')).toMatchObject({ count: 300, resource: { kind: '*' } });
  expect(await events('address=*')).toHaveLength(1);
  const { body } = await berth.api('GET', '/api/v1/audit.csv?address=*');
  expect(body.split('\r\n')[1]).toMatch(/,300,denied,denied,anonymous,\*,\*,\*,,,\{\}$/);
});

test('the typo of a user is seen, whoever else guesses from the same address and from others', async () => {
  await addSignedIn(berth, 'finn');
  const guess = (name: string, address: string) =>
    fetch(`${berth.url}/token?service=berth`, {
      headers: { authorization: basic(name, 'wrong'), 'x-forwarded-for': address },
    });
  for (let number = 0; number < 60; number++) await guess(`nobody-${number}`, '192.0.2.7');
  await guess('finn', '192.0.2.7');
  const [typo] = await counted('action=sign-in-failed&resource=user:finn', 1);
  expect(typo).toMatchObject({ count: 1, address: '192.0.2.7' });
});

test('what an account does to its own tokens for ever ends in few rows, and what is done to it has a row each', async () => {
  const token = await addSignedIn(berth, 'tess');
  const scopes = Array.from({ length: 50 }, (_, n) => ({ pattern: `${'a'.repeat(200)}/${n}`, actions: ['pull'] }));
  for (let round = 0; round < 25; round++) {
    const { status, body } = await berth.api('POST', '/api/v1/tokens', { name: `t${round}`, scopes }, token);
    expect([status, body]).toEqual([201, expect.objectContaining({ id: expect.anything() })]);
    const by = round % 2 === 0 ? token : undefined;
    expect((await berth.api('DELETE', `/api/v1/tokens/${body.id}`, undefined, by)).status).toBe(204);
  }
  const made = await events('action=token.create&actor=tess');
  expect(made.map(({ count }) => count).sort()).toEqual([...Array(20).fill(1), 5].sort());
  expect(made.find(({ count }) => count === 5)).toMatchObject({ resource: { kind: '*' }, address: '127.0.0.1' });
  expect(await events('action=token.delete&actor=admin')).toHaveLength(12);
});
