import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, type TemporaryImages, temporaryImages } from '../../test/support/temporary-images.js';
import { anonymous } from '../access/principal.js';
import { ChangesStore } from '../changes/changes.store.js';
import type { Change } from '../changes/kinds.js';
import { Inspection } from '../database/inspection.js';
import { type Digest, digestHex } from '../oci/digest.js';
import { parseReference, parseTag } from '../oci/reference.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { followedKinds, type LayoutKind, toLookAt } from './look-at.js';
import { Mirror, type Mirrored, type MirrorProblem } from './mirror.js';
import { MirrorFiles } from './mirror-files.js';

let index: TemporaryImages;
let directory: string;
let problems: MirrorProblem[];

beforeEach(async () => {
  index = await temporaryImages();
  directory = await mkdtemp(join(tmpdir(), 'berth-layout-'));
  problems = [];
  through = 0;
});
afterEach(async () => {
  await rm(directory, { recursive: true });
  await index.remove();
});

let through = 0;
/** Into which the last work was divided. */
let steps = 0;

/** As the thread does it, with a connection of its own. Gives how much there was to look at. */
async function follow(): Promise<number> {
  const inspection = new Inspection(index.file);
  try {
    const changes = await new ChangesStore(index.database).behind(through, 10_000);
    through = changes.at(-1)?.position ?? through;
    const kinds: readonly string[] = followedKinds(true);
    // Only of those kinds now.
    const own = changes.filter(({ kind }) => kinds.includes(kind)) as Change<LayoutKind>[];
    const mirror = new Mirror(inspection, new MirrorFiles(directory), (problem) => problems.push(problem));
    steps = [...mirror.follow(own.flatMap(toLookAt))].length;
    return own.length;
  } finally {
    inspection.close();
  }
}

function completeAll(): Mirrored | undefined {
  const inspection = new Inspection(index.file);
  try {
    return [...new Mirror(inspection, new MirrorFiles(directory), (problem) => problems.push(problem)).everything()].at(
      -1,
    );
  } finally {
    inspection.close();
  }
}

const repositories = 'docker/registry/v2/repositories';
const blobs = 'docker/registry/v2/blobs';
const hashed = (digest: Digest): string => `sha256/${digestHex(digest)}`;
const data = (digest: Digest): string => `${blobs}/sha256/${digestHex(digest).slice(0, 2)}/${digestHex(digest)}/data`;

/** Every file below the directory, by path, with what is in it. */
async function files(below = ''): Promise<Record<string, string>> {
  const entries = await readdir(join(directory, below), { recursive: true, withFileTypes: true }).catch(() => []);
  const found: Record<string, string> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    found[path.slice(directory.length + 1)] = await readFile(path, 'utf8');
  }
  return found;
}

async function bytesOf(digest: Digest): Promise<string> {
  const manifest = await index.images.findManifest(app, parseReference(digest));
  return manifest?.bytes.toString() ?? '';
}

test('an image is where CNCF Distribution looks for it', async () => {
  const { digest } = await index.pushImage(app, '1.0', 'a');
  const bytes = await bytesOf(digest);
  const { config, layers } = JSON.parse(bytes) as { config: { digest: Digest }; layers: { digest: Digest }[] };
  await follow();
  const layer = layers[0]?.digest as Digest;
  expect(await files()).toEqual({
    [data(digest)]: bytes,
    [`${repositories}/team/app/_manifests/revisions/${hashed(digest)}/link`]: digest,
    [`${repositories}/team/app/_manifests/tags/1.0/current/link`]: digest,
    [`${repositories}/team/app/_manifests/tags/1.0/index/${hashed(digest)}/link`]: digest,
    [`${repositories}/team/app/_layers/${hashed(config.digest)}/link`]: config.digest,
    [`${repositories}/team/app/_layers/${hashed(layer)}/link`]: layer,
  });
  expect(await follow()).toBe(0);
});

test('a tag that moves, goes, or goes with its image', async () => {
  const one = (await index.pushImage(app, 'latest', 'a')).digest;
  const two = (await index.pushImage(app, 'latest', 'b')).digest;
  await index.images.moveTag({ repository: app, tag: parseTag('old'), target: parseReference(one), by: anonymous });
  await follow();
  const tags = `${repositories}/team/app/_manifests/tags`;
  expect(await files(tags)).toMatchObject({ [`${tags}/latest/current/link`]: two, [`${tags}/old/current/link`]: one });

  await index.images.deleteTag(app, parseTag('old'));
  await follow();
  expect(Object.keys(await files(`${tags}/old`))).toEqual([]);

  await index.images.deleteManifest(app, two);
  await follow();
  expect(Object.keys(await files(tags))).toEqual([]);
  const revisions = `${repositories}/team/app/_manifests/revisions`;
  expect(Object.keys(await files(revisions))).toEqual([`${revisions}/${hashed(one)}/link`]);
});

test('a blob that no image needs, pushed or mounted; again it is no change', async () => {
  const other = parseRepositoryName('team/other');
  const { digest } = await index.addBlob(app, 'nobody needs this');
  expect(await index.images.mountBlob(other, digest, app, anonymous)).toBe(true);
  await follow();
  expect(await files()).toEqual(
    Object.fromEntries(
      ['team/app', 'team/other'].map((name) => [`${repositories}/${name}/_layers/${hashed(digest)}/link`, digest]),
    ),
  );
  await index.addBlob(app, 'nobody needs this');
  await index.images.mountBlob(other, digest, app, anonymous);
  expect(await follow()).toBe(0);
});

test('a blob taken out of a repository', async () => {
  const blob = await index.addBlob(app, 'nobody needs this');
  await index.pushImage(app, '1', 'a');
  await follow();
  const link = `${repositories}/team/app/_layers/${hashed(blob.digest)}/link`;
  expect(await files()).toHaveProperty([link], blob.digest);
  await index.images.unlinkBlob(app, blob.digest);
  await follow();
  expect(await files()).not.toHaveProperty([link]);
});

test('a repository that is renamed or removed leaves those inside its folder alone', async () => {
  const inside = parseRepositoryName('team/app/inside');
  await index.pushImage(app, '1', 'a');
  await index.pushImage(inside, '1', 'b');
  await follow();
  const renamed = parseRepositoryName('crew/app');
  await index.repositories.rename(app, renamed);
  await follow();
  const names = async () =>
    Object.keys(await files(repositories))
      .filter((path) => path.endsWith('/current/link'))
      .map((path) => path.slice(repositories.length + 1).replace('/_manifests/tags/1/current/link', ''))
      .sort();
  expect(await names()).toEqual(['crew/app', 'team/app/inside']);
  await index.repositories.remove(renamed);
  await index.pushImage(renamed, '2', 'c');
  await follow();
  expect(Object.keys(await files(`${repositories}/crew/app/_manifests/tags`)).join()).not.toContain('/tags/1/');
  await index.repositories.remove(renamed);
  await index.repositories.remove(inside);
  await follow();
  expect(await readdir(join(directory, repositories))).toEqual([]);
});

test('a repository that is renamed for ever, or pushed to, is looked at once for all that waits', async () => {
  const elsewhere = parseRepositoryName('crew/app');
  const back = async (times: number) => {
    for (let time = 0; time < times; time++) {
      await index.repositories.rename(app, elsewhere);
      await index.repositories.rename(elsewhere, app);
    }
    await follow();
    return steps;
  };
  for (let tag = 0; tag < 5; tag++) await index.pushImage(app, `v${tag}`, 'a');
  await follow();
  const once = await back(1);
  const before = await files();
  expect(Object.keys(before).filter((path) => path.endsWith('/current/link'))).toHaveLength(5);
  expect([await back(30), await files()]).toEqual([once, before]);
});

test('a tag that goes from a repository that was just renamed', async () => {
  await index.pushImage(app, '1', 'a');
  await index.pushImage(app, '2', 'b');
  await follow();
  const crew = parseRepositoryName('crew/app');
  await index.repositories.rename(app, crew);
  await follow();
  await index.repositories.rename(crew, app);
  await index.repositories.rename(app, crew);
  await index.images.deleteTag(crew, parseTag('2'));
  await follow();
  const tags = `${repositories}/crew/app/_manifests/tags`;
  expect(Object.keys(await files(tags)).filter((path) => path.endsWith('/current/link'))).toEqual([
    `${tags}/1/current/link`,
  ]);
});

test('what it does not know stays: another registry may have left it to be adopted', async () => {
  const foreign = join(directory, repositories, 'team/app/_manifests/tags/theirs/current/link');
  await mkdir(join(foreign, '..'), { recursive: true });
  await writeFile(foreign, 'sha256:theirs');
  await index.pushImage(app, 'ours', 'a');
  await follow();
  completeAll();
  expect(await readFile(foreign, 'utf8')).toBe('sha256:theirs');
});

test('what is damaged is written again, what is right is left', async () => {
  const { digest } = await index.pushImage(app, '1', 'a');
  await follow();
  const before = await files();
  for (const path of Object.keys(before)) await writeFile(join(directory, path), 'x');
  expect(completeAll()).toEqual({ repositories: 1, manifests: 1, tags: 1, links: 2 });
  expect(await files()).toEqual(before);
  await writeFile(join(directory, `${data(digest)}.new`), 'half of it'); // as a kill leaves it
  expect(completeAll()).toMatchObject({ manifests: 1 });
});

test('a folder that leads elsewhere is told, and nothing is written there', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'berth-elsewhere-'));
  await mkdir(join(directory, repositories), { recursive: true });
  await symlink(elsewhere, join(directory, repositories, 'team'));
  await index.pushImage(app, '1', 'a');
  await index.pushImage(parseRepositoryName('other'), '1', 'b');
  await follow();
  expect(problems).toContainEqual({ path: 'team/app', reason: expect.stringContaining('leads elsewhere') });
  expect(problems.map(({ path }) => path)).not.toContain('other');
  expect(await readdir(elsewhere)).toEqual([]);
  expect(await readdir(join(directory, repositories, 'other')).then((names) => names.sort())).toEqual([
    '_layers',
    '_manifests',
  ]);
  await rm(elsewhere, { recursive: true });
});
