import { Agent } from 'node:http';
import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { residentBytes } from '../support/resident.js';

const MiB = 1024 * 1024;
const rest = 'x'.repeat(15_000);

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth?.stop());

test.each([
  ['the registry', 403, 6_000, (name: string) => `/v2/${name}/tags/list?${rest}`],
  ['the API', 404, 3_000, (name: string) => `/api/v1/repositories/${encodeURIComponent(name)}?${rest}`],
])(
  'names that somebody makes up do not keep the requests that said them in memory: %s',
  async (_, status, many, path) => {
    const eve = await addUser(berth, `eve-${status}`);
    const token = await berth.signIn(eve.username, eve.password);
    const authorization = status === 403 ? basic(eve.username, eve.password) : `Bearer ${token}`;
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const ask = async (name: string) =>
      (await send(berth.url, path(name), { headers: { authorization }, agent })).status;
    const statuses = new Set<number>();
    const askAll = async (count: number, nameOf: (at: number) => string) => {
      for (let from = 0; from < count; from += 8) {
        const names = Array.from({ length: 8 }, (_name, i) => nameOf(from + i));
        for (const answer of await Promise.all(names.map(ask))) statuses.add(answer);
      }
    };
    await askAll(1_000, () => 'one-that-is-not-there'); // what requests of this length leave to be collected is there then
    const before = await residentBytes(berth.pid);
    await askAll(many, (at) => `made-up/${'y'.repeat(40)}${at}`);
    agent.destroy();
    expect([...statuses]).toEqual([status]);
    expect((await residentBytes(berth.pid)) - before).toBeLessThan(48 * MiB); // 80 and more when each kept its request
  },
  120_000,
);
