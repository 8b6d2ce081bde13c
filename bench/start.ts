import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBerth } from '../test/support/berth.js';
import { startDockerRegistry } from '../test/support/docker-registry.js';
import { send } from '../test/support/http.js';
import { freePort, until } from '../test/support/ports.js';
import { findTool } from '../test/support/tools.js';
import { alternate, print, type Row } from './support/row.js';

/** From the start of the process to the first 200 of /readyz, on a data directory that exists. */
async function startBerthOnce(dataDir: string): Promise<number> {
  const port = String(await freePort());
  const started = performance.now();
  const env = { BERTH_DATA_DIR: dataDir, BERTH_HOST: '127.0.0.1', BERTH_PORT: port, BERTH_LOG_FORMAT: 'json' };
  const child = launchBerth(env, dataDir);
  await until('ready', async () => (await send(`http://127.0.0.1:${port}`, '/readyz')).status === 200, 20_000, 2);
  const taken = performance.now() - started;
  await child.stop();
  return taken;
}

async function startPeerOnce(): Promise<number> {
  const started = performance.now();
  const registry = await startDockerRegistry();
  const taken = performance.now() - started;
  await registry.stop();
  return taken;
}

const dataDir = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const first = await startBerthOnce(dataDir);
const ways = [{ name: 'berth', start: () => startBerthOnce(dataDir) }];
if (findTool('docker-registry')) ways.push({ name: 'docker-registry', start: startPeerOnce });
const row = { unit: 'ms', better: 'less' } as const;
const rows: Row[] = [
  { ...row, measure: 'first start ever, keys and database made', figures: { berth: [first] } },
  {
    ...row,
    measure: 'process start to ready',
    bar: { atMost: 800 },
    figures: await alternate(ways, 7, (way) => way.start()),
  },
];
await rm(dataDir, { recursive: true });
print(rows);
