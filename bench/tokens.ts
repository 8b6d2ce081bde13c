/**
 * Tokens a second from the realm, by a personal access token, by a password that was checked before and by a refresh
 * token, and a hundred first sign-ins at once with a manifest pulled meanwhile. Berth alone: there is no peer with a realm
 * of its own. A busy machine slows all of it, so see what a token costs of the processor, and a sign-in beside the one
 * bcrypt that it is for.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { compareSync } from 'bcrypt';
import { startBerth } from '../test/support/berth.js';
import { basic, send } from '../test/support/http.js';
import { buildImage } from '../test/support/images.js';
import { addUser } from '../test/support/people.js';
import { addAccessToken } from '../test/support/programs.js';
import { type Credentials, RegistryClient } from '../test/support/registry-client.js';
import { processorMilliseconds } from './support/processor.js';
import { print, type Row } from './support/row.js';
import { wrk } from './support/wrk.js';

const people = 100;
const connections = 32;
const rows: Row[] = [];
const less = { better: 'less' } as const;

const berth = await startBerth();
try {
  const ann = await addUser(berth, 'ann', { 'team/*': ['push'] });
  const client = await RegistryClient.open(berth.url, ann);
  await client.push('team/app', 'v1', buildImage({ seed: 'sign-ins', layers: [1_000] }));
  const scope = 'repository:team/app:pull,push';
  const byQuery = `/token?service=berth&scope=${scope}`;
  const authorization = ({ username, password }: Credentials) => ({ authorization: basic(username, password) });
  await load('access token', byQuery, { headers: authorization(await addAccessToken(berth, ann)) });
  await load('cached Basic', byQuery, { headers: authorization(ann) });
  const form = { grant_type: 'refresh_token', service: 'berth', client_id: 'docker', scope };
  await load('refresh token', '/token', {
    form: `${new URLSearchParams({ ...form, refresh_token: await login(ann) })}`,
  });
  await firstSignIns(client);
} finally {
  await berth.stop();
}
print(rows);

/** As `docker login` does it: a token with a refresh token, which it keeps. */
async function login({ username, password }: Credentials): Promise<string> {
  const query = `service=berth&account=${username}&client_id=docker&offline_token=true`;
  const answer = await send(berth.url, `/token?${query}`, { headers: { authorization: basic(username, password) } });
  if (answer.status !== 200) throw new Error(`the realm answered ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body.toString()).refresh_token;
}

/** The first seconds after a start are the compiler's and do not count. */
async function load(by: string, path: string, how: { headers?: Record<string, string>; form?: string }): Promise<void> {
  const options = { ...how, connections };
  await wrk(`${berth.url}${path}`, { ...options, seconds: 2 });
  const before = processorMilliseconds(berth.pid);
  const { requests, requestsPerSecond, p99 } = await wrk(`${berth.url}${path}`, { ...options, seconds: 6 });
  const processor = ((processorMilliseconds(berth.pid) - before) * 1000) / requests;
  const measure = (what: string) => `tokens by ${by}, ${connections} connections${what}`;
  rows.push(
    {
      measure: measure(''),
      unit: '/s',
      better: 'more',
      figures: { berth: [requestsPerSecond] },
      bar: { atLeast: 3000 },
    },
    { ...less, measure: measure(', p99'), unit: 'ms', figures: { berth: [p99] }, bar: { atMost: 20 } },
    { ...less, measure: measure(', processor'), unit: 'µs', figures: { berth: [processor] } },
  );
}

/** Everybody's password at once, each for the first time. */
async function firstSignIns(client: RegistryClient): Promise<void> {
  const crowd: Credentials[] = [];
  for (let number = 0; number < people; number++) crowd.push(await addUser(berth, `person-${number}`));
  await delay(11_000); // the threads that hashed their passwords have ended
  let done = false;
  const latencies: number[] = [];
  const pulls = (async () => {
    while (!done) {
      const start = performance.now();
      if ((await client.getManifest('team/app', 'v1')).status !== 200) throw new Error('a pull failed');
      latencies.push(performance.now() - start);
      await delay(5);
    }
  })();
  const before = processorMilliseconds(berth.pid);
  const start = performance.now();
  const outcomes = await Promise.allSettled(
    crowd.map(async (who) => {
      await send(berth.url, '/v2/');
      await login(who);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const processor = (processorMilliseconds(berth.pid) - before) / people;
  done = true;
  await pulls;
  latencies.sort((a, b) => a - b);
  const measure = (what: string) => `${people} first sign-ins at once${what}`;
  const failed = outcomes.filter(({ status }) => status === 'rejected').length;
  const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
  rows.push(
    { ...less, measure: measure(''), unit: 's', figures: { berth: [seconds] }, bar: { atMost: 10 } },
    { ...less, measure: measure(', failed'), unit: '', figures: { berth: [failed] }, bar: { atMost: 0 } },
    { ...less, measure: measure(', manifest GET p99'), unit: 'ms', figures: { berth: [p99] }, bar: { atMost: 100 } },
    { ...less, measure: measure(', processor of each'), unit: 'ms', figures: { berth: [processor] } },
    { ...less, measure: 'one bcrypt, processor', unit: 'ms', figures: { berth: [oneBcrypt()] } },
  );
}

function oneBcrypt(): number {
  const before = process.cpuUsage();
  const rounds = 10;
  // A hash of nothing, of the cost of real ones.
  for (let round = 0; round < rounds; round++)
    compareSync('x', '$2b$11$dPO5F6qOChCgMzsevurX2.Y079gQ6vkThwLJC18kJC8A61/X6lzZa');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / rounds;
}
