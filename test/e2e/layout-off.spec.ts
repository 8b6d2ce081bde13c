import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { berth as command } from '../support/berth-command.js';
import { buildImage, KiB } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';

const image = buildImage({ seed: 'layout off', layers: [2 * KiB] });
const on = { BERTH_ADMIN_PASSWORD: 'a password for the layout' };
const off = { ...on, BERTH_LAYOUT_MIRROR: 'false' };
const tags = 'docker/registry/v2/repositories/team/app/_manifests/tags';

let dataDir: string;
let berth: Berth | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-layout-off-'));
});
afterEach(async () => {
  await berth?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function started(env: Record<string, string>): Promise<RegistryClient> {
  await berth?.stop();
  berth = await startBerth({ dataDir, env });
  return RegistryClient.open(berth.url, berth.admin);
}
const followed = () =>
  until('the layout has followed', async () => {
    const answer = await berth?.api('GET', '/readyz', undefined, null);
    return answer?.body.consumers.layout.lag === 0;
  });
/** Where the tag points in the layout; undefined when it is not there. */
const link = (tag: string) => readFile(join(dataDir, tags, tag, 'current/link'), 'utf8').catch(() => undefined);
const links = async (...names: string[]) => Promise.all(names.map(link));

test('without the layout nothing is written into it, what is deleted goes from it, and later all is written once', async () => {
  const { digest } = image.manifest;
  let client = await started(on);
  for (const tag of ['deleted', 'kept', 'moved']) await client.push('team/app', tag, image);
  await followed();
  expect(await links('deleted', 'kept', 'moved')).toEqual([digest, digest, digest]);

  client = await started(off);
  const other = buildImage({ seed: 'pushed meanwhile', layers: [2 * KiB] });
  for (const tag of ['moved', 'meanwhile']) await client.push('team/app', tag, other);
  expect((await client.request('team/app', 'manifests/deleted', { method: 'DELETE', actions: 'delete' })).status).toBe(
    202,
  );
  await followed();
  expect(await links('deleted', 'kept', 'moved', 'meanwhile')).toEqual([undefined, digest, digest, undefined]);
  expect(await command(['reindex', '--data-dir', dataDir])).toMatchObject({ code: 0 });
  expect((await client.getManifest('team/app', 'deleted')).status).toBe(404);
  expect(await client.pull('team/app', 'moved')).toBe(other.manifest.digest);

  await started(on);
  const now = [undefined, digest, other.manifest.digest, other.manifest.digest];
  await until('all is written', async () => {
    const found = await links('deleted', 'kept', 'moved', 'meanwhile');
    return found.every((link, at) => link === now[at]);
  });
});
