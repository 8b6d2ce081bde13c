import { readFileSync } from 'node:fs';
import { type Berth, startBerth } from '../support/berth.js';
import { openConsole } from '../support/console-session.js';
import type { Answer } from '../support/http.js';
import { buildImage, type Content, descriptor, json, KiB, MiB, types } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

/** As long as names may be, so that what is written of each is as long as it can be. */
const name = Array.from({ length: 5 }, (_, i) => `${i}`.repeat(50)).join('/');
const tags = Array.from({ length: 100 }, (_, i) => `${100 + i}`.padEnd(128, 'x'));
const path = `/api/v1/repositories/${encodeURIComponent(name)}`;

let berth: Berth;
let registry: RegistryClient;
let page: (path: string) => Promise<Answer>;
let index: Content;

const indexOf = (manifests: readonly object[]) =>
  json(types.index, { schemaVersion: 2, mediaType: types.index, manifests });

async function put(reference: string, manifest: Content): Promise<void> {
  const answer = await registry.putManifest(name, reference, manifest);
  if (answer.status !== 201) throw new Error(`the push of ${reference} answered ${answer.status}: ${answer.body}`);
}

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_SPARSE_INDEXES: 'true' } });
  registry = await RegistryClient.open(berth.url, berth.admin);
  page = await openConsole(berth);
  const image = buildImage({ seed: 'wide', layers: [10] });
  await registry.push(name, 'image', image);
  const child = descriptor(image.manifest);
  const manifests = Array.from({ length: 13_500 }, (_, i) => ({
    ...child,
    platform: { os: 'linux', architecture: `arm64-${i}`, variant: 'x'.repeat(20) },
  }));
  index = indexOf(manifests);
  await put(index.digest, index);
  for (const tag of tags) await berth.api('PUT', `${path}/tags/${tag}`, { digest: index.digest });
});

afterAll(() => berth.stop());

describe('an index of 13,500 platforms under 100 tags', () => {
  test('is as large as a manifest has to be allowed to be', () => {
    expect(index.bytes.length).toBeGreaterThan(3 * MiB);
    expect(index.bytes.length).toBeLessThan(4 * MiB);
  });

  test('does not make the list of tags large', async () => {
    const { status, body } = await berth.api('GET', `${path}/tags?limit=100`);
    expect(status).toBe(200);
    expect(body.items).toHaveLength(100);
    expect(body.items[0].platforms).toHaveLength(32);
    expect(JSON.stringify(body).length).toBeLessThan(MiB);
  });

  test('does not make the page of tags large, and every tag is on one', async () => {
    const shown: string[] = [];
    const start = `/r/${name}/-/tags?limit=100&sort=name`;
    for (let next: string | undefined = start; next !== undefined; ) {
      const { status, body } = await page(next);
      const html = body.toString();
      expect(status).toBe(200);
      expect(body.length).toBeLessThanOrEqual(256 * KiB);
      shown.push(...Array.from(html.matchAll(/<a class="name mono" href="[^"]*">([^<]*)</g), ([, tag]) => tag ?? ''));
      next = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
    }
    expect(shown).toEqual([...tags, 'image']);
  });
});

/** Megabytes the program has in memory. */
const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${berth.pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / KiB;

test('many who ask for it at once are answered, and so is whoever asks for something else', async () => {
  const before = memory();
  const questions = Array.from({ length: 20 }, () => [
    `${path}/tags?limit=100`,
    `${path}/manifests/${index.digest}`,
    `/r/${name}/-/m/${index.digest}`,
    '/healthz',
  ]).flat();
  const answers = await Promise.all(questions.map(page));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(memory() - before).toBeLessThan(300);
});

test('indexes in indexes neither grow nor leave the order of sizes', async () => {
  const size = Number.MAX_SAFE_INTEGER;
  const digest = `sha256:${'0'.repeat(64)}`;
  let inner = indexOf([{ mediaType: types.manifest, digest, size }, descriptor(index)]);
  for (const level of [1, 2, 3]) {
    await put(`n${level}`, inner);
    const other = { mediaType: types.manifest, digest: `sha256:${'0'.repeat(63)}${level}`, size };
    inner = indexOf([descriptor(inner), other]);
  }
  for (const sort of ['size', '-size']) {
    const seen: string[] = [];
    let query = `limit=50&sort=${sort}`;
    for (let more = true; more; ) {
      const { status, body } = await berth.api('GET', `${path}/tags?${query}`);
      expect(status).toBe(200);
      for (const tag of body.items) {
        seen.push(tag.name);
        expect(tag.platforms.length).toBeLessThanOrEqual(32);
        expect(Number.isSafeInteger(tag.totalSize)).toBe(true);
      }
      more = body.nextCursor !== undefined;
      query = `limit=50&sort=${sort}&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
    expect(seen.sort()).toEqual([...tags, 'image', 'n1', 'n2', 'n3'].sort());
  }
});
