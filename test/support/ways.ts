import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allOf } from './all-of.js';
import { type Berth, startBerth } from './berth.js';
import { writeCertificate } from './certificate.js';
import { type Nginx, startNginx } from './nginx.js';
import { requireTool } from './tools.js';

/** A way to reach a Berth of its own. What a client sees must be the same on all of them. */
export interface Way {
  readonly berth: Berth;
  /** Origin that clients use: of the proxy where there is one. */
  readonly url: string;
  /** Connections that are used again, as clients do. */
  readonly agent: Agent;
}

interface WayOptions {
  readonly title: string;
  readonly nginx?: true;
  readonly https?: true;
  readonly env?: Record<string, string>;
}

const ways = [
  { title: 'directly' },
  { title: 'through nginx', nginx: true },
  { title: 'through nginx, which sends the blobs', nginx: true, env: { BERTH_ACCEL_REDIRECT: '/berth-blobs' } },
  { title: 'over HTTPS', https: true },
] as const satisfies readonly WayOptions[];

export type WayTitle = (typeof ways)[number]['title'];

/** Runs the same tests over every way, or over those of these titles. `way()` answers once the tests run. */
export function describeEachWay(
  env: Record<string, string>,
  tests: (way: () => Way) => void,
  titles: readonly WayTitle[] = ways.map(({ title }) => title),
): void {
  const chosen: WayOptions[] = ways.filter(({ title }) => titles.includes(title));
  for (const { title, nginx: proxied, https, env: own } of chosen) {
    const block = proxied ? requireTool('nginx') : describe;
    block(title, () => {
      let berth: Berth | undefined;
      let nginx: Nginx | undefined;
      let directory: string | undefined;
      beforeAll(async () => {
        directory = https && (await mkdtemp(join(tmpdir(), 'berth-way-')));
        const certificate = directory && (await writeCertificate(directory));
        berth = await startBerth({ env: { ...env, ...own, ...certificate } });
        if (proxied) nginx = await startNginx(berth.host, berth.dataDir);
      });
      const agent = https ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
      afterAll(async () => {
        agent.destroy();
        await allOf(nginx?.stop(), berth?.stop());
        if (directory) await rm(directory, { recursive: true });
      });
      tests(() => {
        if (berth === undefined) throw new Error('Berth starts before the first test, not earlier');
        return { berth, url: nginx?.url ?? berth.url, agent };
      });
    });
  }
}
