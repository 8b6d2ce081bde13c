import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../test/support/berth.js';
import { type DockerRegistry, startDockerRegistry } from '../test/support/docker-registry.js';
import { type Answer, send } from '../test/support/http.js';
import { buildImage } from '../test/support/images.js';
import { RegistryClient } from '../test/support/registry-client.js';
import { findTool } from '../test/support/tools.js';
import { percentile, timeEach, timeOf } from './support/latencies.js';
import { fillStore, fillWithImages, repositoryOf, tagOf } from './support/many-images.js';
import { alternate, print, type Row } from './support/row.js';
import { wrk } from './support/wrk.js';

/** 100 000 tags in one repository, 10 000 repositories, 5 000 referrers of one image: lists, pages and a push among them (L4, L5, L8). */
const scale = { tags: 100_000, repositories: 10_000, referrers: 5_000 };
const [many, few] = ['scale/many', 'scale/few'];
const fewTags = 2_000;
const image = buildImage({ seed: 'scale', layers: [1_000] });
const agent = new Agent({ keepAlive: true });

/** One page after the other; answers how many names there were. */
async function walk(url: string, path: string, headers: Record<string, string>): Promise<number> {
  let names = 0;
  for (let next: string | undefined = path; next; ) {
    const page: Answer = await send(url, next, { headers, agent });
    if (page.status !== 200) throw new Error(`${next} answered ${page.status}`);
    const { repositories, tags, manifests } = JSON.parse(page.body.toString());
    names += (repositories ?? tags ?? manifests).length;
    next = /^<([^>]+)>/.exec(String(page.headers.link ?? ''))?.[1];
  }
  return names;
}

/** From the start of the process to its listening, three times; it runs before and after. */
async function startTimes(): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < 3; n++) {
    await berth.stop();
    taken.push(await timeOf(() => berth.restart()));
  }
  return taken;
}

const dataDir = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const berth: Berth = await startBerth({ dataDir, env: { BERTH_TOKEN_SECONDS: '3600' } });
await (await RegistryClient.open(berth.url, berth.admin)).push(many, 'latest', image);
const startsEmpty = await startTimes();
await berth.stop();
fillWithImages(dataDir, scale);
await berth.restart();
const starts = await startTimes();
const client = await RegistryClient.open(berth.url, berth.admin, agent);
for (let n = 0; n < fewTags; n++) {
  if (n === 0) await client.push(few, tagOf(n), image);
  else await client.putManifest(few, tagOf(n), image.manifest);
}
const scopes = [`repository:${many}:pull,push`, `repository:${few}:pull`, 'registry:catalog:*'];
const token = await berth.token(berth.admin.username, berth.admin.password, ...scopes);
const authorized = { authorization: `Bearer ${token}` };

let registry: DockerRegistry | undefined;
if (findTool('docker-registry')) {
  registry = await startDockerRegistry();
  await fillStore(registry.store, scale.repositories, few, fewTags);
}
const peers = [
  { name: 'berth', url: berth.url, headers: authorized },
  ...(registry ? [{ name: 'docker-registry', url: registry.url, headers: {} }] : []),
];

/** The 99th percentile of pages that begin anywhere, in milliseconds. */
async function pages(path: (n: number) => string, count = 400): Promise<number> {
  let step = 0;
  return percentile(
    await timeEach(count, async () => {
      step = (step * 7919 + 104_729) % 1_000_003;
      const page = await send(berth.url, path(step), { headers: authorized, agent });
      if (page.status !== 200 || page.body.length > 4 * 2 ** 20) throw new Error(`${path(step)}: ${page.status}`);
    }),
    0.99,
  );
}

const only = (berthFigure: number) => ({ berth: [berthFigure] });
const less = { unit: 'ms', better: 'less' } as const;
const referrersOf = (last = '') => `/v2/${many}/referrers/${image.manifest.digest}${last && `?last=${last}`}`;
const rows: Row[] = [
  { ...less, measure: 'start with one tag', figures: { berth: startsEmpty } },
  { ...less, measure: 'start with 100 000 tags', figures: { berth: starts }, bar: { atMost: 800 } },
  {
    measure: 'tags/list?n=100 of 2 000 × 32',
    unit: '/s',
    better: 'more',
    bar: { ratio: 10 },
    figures: await alternate(peers, 3, async ({ url, headers }) => {
      const options = { connections: 32, seconds: 3, headers };
      return (await wrk(`${url}/v2/${few}/tags/list?n=100`, options)).requestsPerSecond;
    }),
  },
  {
    ...less,
    measure: 'page of 100 of 100 000 tags, anywhere, p99',
    figures: only(await pages((n) => `/v2/${many}/tags/list?n=100&last=${tagOf(n % scale.tags)}`)),
    bar: { atMost: 30 },
  },
  {
    ...less,
    measure: 'all 100 000 tags, pages of 1 000',
    figures: only(await timeOf(() => walk(berth.url, `/v2/${many}/tags/list?n=1000`, authorized))),
    bar: { atMost: 1_500 },
  },
  {
    ...less,
    measure: 'tag PUT among 100 000, p99',
    figures: only(percentile(await timeEach(400, (n) => client.putManifest(many, `new-${n}`, image.manifest)), 0.99)),
    bar: { atMost: 50 },
  },
  {
    ...less,
    measure: 'page of 100 of 10 000 repositories, anywhere, p99',
    figures: only(await pages((n) => `/v2/_catalog?n=100&last=${repositoryOf(n % scale.repositories)}`)),
    bar: { atMost: 30 },
  },
  {
    ...less,
    measure: 'whole catalogue of 10 000, pages of 100',
    bar: { ratio: 10 },
    figures: await alternate(peers, 2, ({ url, headers }) =>
      timeOf(async () => {
        const seen = await walk(url, '/v2/_catalog?n=100', headers);
        if (seen < scale.repositories) throw new Error(`${url} listed ${seen} repositories`);
      }),
    ),
  },
  {
    ...less,
    measure: 'page of 5 000 referrers, anywhere, p99',
    figures: only(await pages((n) => referrersOf(`sha256:${(n % 5_000).toString(16).padStart(64, '0')}`), 200)),
    bar: { atMost: 200 },
  },
  {
    ...less,
    measure: 'all 5 000 referrers',
    figures: only(await timeOf(() => walk(berth.url, referrersOf(), authorized))),
  },
];
agent.destroy();
await berth.stop();
await registry?.stop();
await rm(dataDir, { recursive: true });
print(rows);
