/**
 * Tokens a second from the realm, for a personal access token and for a password that was checked before, and a hundred
 * first sign-ins at once with a manifest pulled meanwhile. Berth alone: there is no peer with a realm of its own.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Berth, startBerth } from '../test/support/berth.js';
import { mustRun } from '../test/support/child.js';
import { basic, send } from '../test/support/http.js';
import { buildImage } from '../test/support/images.js';
import { addUser } from '../test/support/people.js';
import { addAccessToken } from '../test/support/programs.js';
import { type Credentials, RegistryClient } from '../test/support/registry-client.js';

const people = 100;
const berth = await startBerth();
try {
  const ann = await addUser(berth, 'ann', { 'team/*': ['push'] });
  const token = await addAccessToken(berth, ann);
  const path = '/token?service=berth&scope=repository:team/app:pull,push';
  console.log(JSON.stringify({ measure: 'tokens by access token', ...(await load(berth, path, token)) }));
  console.log(JSON.stringify({ measure: 'tokens by cached Basic', ...(await load(berth, path, ann)) }));
  console.log(JSON.stringify({ measure: `${people} first sign-ins at once`, ...(await firstSignIns(berth, ann)) }));
} finally {
  await berth.stop();
}

async function load({ url }: Berth, path: string, { username, password }: Credentials) {
  await send(url, path, { headers: { authorization: basic(username, password) } });
  const { stdout } = await mustRun('wrk', [
    ...['-c32', '-t2', '-d6s', '--latency', '-H', `Authorization: ${basic(username, password)}`, `${url}${path}`],
  ]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  const figure = (pattern: RegExp): string | undefined => pattern.exec(stdout)?.[1];
  return { perSecond: Number(figure(/Requests\/sec:\s+([\d.]+)/)), p99: figure(/99%\s+(\S+)/) };
}

/** As `docker login` does it: /v2/ without credentials, then a token with a refresh token for a password nobody checked yet. */
async function firstSignIns(berth: Berth, ann: Credentials) {
  const client = await RegistryClient.open(berth.url, ann);
  await client.push('team/app', 'v1', buildImage({ seed: 'sign-ins', layers: [1_000] }));
  const crowd: Credentials[] = [];
  for (let number = 0; number < people; number++) crowd.push(await addUser(berth, `person-${number}`));
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
  const start = performance.now();
  const statuses = await Promise.all(
    crowd.map(async ({ username, password }) => {
      await send(berth.url, '/v2/');
      const query = `service=berth&account=${username}&client_id=docker&offline_token=true`;
      return (await send(berth.url, `/token?${query}`, { headers: { authorization: basic(username, password) } }))
        .status;
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  done = true;
  await pulls;
  latencies.sort((a, b) => a - b);
  return {
    failed: statuses.filter((status) => status !== 200).length,
    seconds,
    manifestP99: latencies[Math.floor(latencies.length * 0.99)],
    pulls: latencies.length,
  };
}
