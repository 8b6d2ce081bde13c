/**
 * What a hundred thousand made-up names leave behind in memory (T30). With a password each would cost a bcrypt, so they come
 * with a secret in its place, which is only looked up; what the limiter keeps of passwords, its spec measures. The first
 * tenth is for the heap to reach its size.
 */
import { Agent } from 'node:http';
import { startBerth } from '../test/support/berth.js';
import { basic, send } from '../test/support/http.js';
import { residentMegabytes } from './support/memory.js';
import { print } from './support/row.js';

const names = 100_000;
const connections = 32;
/** Of the right shape, and nobody's. */
const secret = 'berth_pat_0000000000000000000000000000000UN2mf';

const agent = new Agent({ keepAlive: true, maxSockets: connections });
const berth = await startBerth();
try {
  await knock(names / 10, secret);
  const before = (await residentMegabytes(berth.pid)).now;
  await knock(names, secret);
  const grown = (await residentMegabytes(berth.pid)).now - before;
  const row = { unit: 'MB', better: 'less' } as const;
  print([{ ...row, measure: `RSS after ${names} made-up names`, figures: { berth: [grown] }, bar: { atMost: 20 } }]);
} finally {
  agent.destroy();
  await berth.stop();
}

async function knock(times: number, password: string): Promise<void> {
  let left = times;
  const one = async () => {
    while (left-- > 0) {
      const headers = { authorization: basic(`made-up-${times}-${left}`, password) };
      const { status } = await send(berth.url, '/token?service=berth', { agent, headers });
      if (status !== 401) throw new Error(`the realm answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}
