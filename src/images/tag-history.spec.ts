import { outcomeOf } from '../../test/support/outcome.js';
import { app, imageIndex, other, type TemporaryImages, temporaryImages } from '../../test/support/temporary-images.js';
import { withOrigin } from '../access/origin.js';
import type { Digest } from '../oci/digest.js';
import { parseReference, parseTag } from '../oci/reference.js';
import { parseRepositoryName } from '../oci/repository-name.js';

let registry: TemporaryImages;
beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

const tag = parseTag('t');
const by = { kind: 'anonymous' } as const;
const move = (target: string, to = 't', allowed?: (current: Digest | undefined) => boolean) =>
  registry.images.moveTag({
    repository: app,
    tag: parseTag(to),
    target: parseReference(target),
    by,
    ...(allowed && { allowed }),
  });
const history = async (of = 't', repository = app) =>
  (await registry.images.tagHistory(repository, parseTag(of), { limit: 100 })).items;
const digests = async (of?: string) => (await history(of)).map(({ digest }) => digest);
const pointsTo = async (name: string) => (await registry.images.findManifest(app, parseReference(name)))?.digest;

describe('where a tag has pointed', () => {
  it('is told for every push that moves it, and for no other', async () => {
    const a = await registry.pushImage(app, 't', 'a');
    await registry.pushImage(app, 't', 'a');
    const b = await registry.pushImage(app, 't', 'b');
    await registry.pushImage(app, 't', 'a');
    await registry.pushImage(app, 'unrelated', 'c');
    expect(await digests()).toEqual([a.digest, b.digest, a.digest]);
    expect(await history()).toEqual(
      Array.from({ length: 3 }, () => ({
        digest: expect.any(String),
        at: expect.any(Date),
        actor: 'system',
        present: true,
      })),
    );
  });

  it('is told of every tag that a push names', async () => {
    const { digest } = await registry.pushImage(app, 't', 'a');
    await registry.push(app, 't', imageIndex([]), ['also']);
    expect(await digests('also')).toHaveLength(1);
    expect((await digests()).at(-1)).toBe(digest);
  });

  it('keeps the last thousand moves', async () => {
    const a = await registry.pushImage(app, 't', 'a');
    const b = await registry.pushImage(app, 'other', 'b');
    await registry.database.write((tx) =>
      tx.query(`WITH RECURSIVE n (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM n WHERE number < 1000)
        INSERT INTO tag_moves (repository_id, tag, number, digest, at, actor) SELECT 1, 't', number, 'x', 0, '' FROM n`),
    );
    await move(b.digest);
    await registry.images.deleteManifest(app, b.digest);
    await move(a.digest);
    const rows = await registry.database.read.query(
      `SELECT COUNT(*) AS count, MIN(number) AS oldest FROM tag_moves WHERE tag = 't'`,
    );
    expect(rows).toEqual([{ count: 1000, oldest: 4 }]);
    expect((await digests()).slice(0, 3)).toEqual([a.digest, null, b.digest]);
  });

  it('names who did it', async () => {
    const origin = { actor: 'robot:team+ci', address: '', userAgent: '', requestId: '' };
    await withOrigin(origin, () => registry.pushImage(app, 't', 'a'));
    expect(await history()).toMatchObject([{ actor: 'robot:team+ci' }]);
  });

  it('outlives the tag and the image, and begins anew with nothing lost', async () => {
    const a = await registry.pushImage(app, 't', 'a');
    await registry.images.deleteTag(app, tag);
    expect(await digests()).toEqual([null, a.digest]);
    await registry.pushImage(app, 't', 'a');
    await registry.pushImage(app, 'second', 'a');
    await registry.images.deleteManifest(app, a.digest);
    expect(await digests()).toEqual([null, a.digest, null, a.digest]);
    expect(await digests('second')).toEqual([null, a.digest]);
    expect((await history()).map(({ present }) => present)).toEqual([false, false, false, false]);
  });

  it('follows a repository to its new name and goes with it', async () => {
    await registry.pushImage(app, 't', 'a');
    const renamed = parseRepositoryName('team/renamed');
    await registry.repositories.rename(app, renamed);
    expect(await history('t', app)).toEqual([]);
    expect(await history('t', renamed)).toHaveLength(1);
    await registry.repositories.remove(renamed);
    await registry.pushImage(renamed, 'other', 'a');
    expect(await history('t', renamed)).toEqual([]);
  });

  it('comes piece by piece, each move once', async () => {
    for (let push = 0; push < 5; push++) await registry.pushImage(app, 't', `seed ${push % 2}`);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await registry.images.tagHistory(app, tag, { limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(3);
    expect(seen.flat()).toEqual(await history());
    for (const bad of ['', '0', '-1', 'x', '1.5', '9'.repeat(16)])
      expect(await outcomeOf(registry.images.tagHistory(app, tag, { limit: 2, cursor: bad }))).toBe(
        'VALIDATION_FAILED',
      );
  });
});

describe('moveTag', () => {
  it('points a tag, old or new, to an image by digest or by tag', async () => {
    const a = await registry.pushImage(app, 'a', 'a');
    const b = await registry.pushImage(app, 'b', 'b');
    expect(await pointsTo('t')).toBeUndefined();
    expect(await move('a')).toEqual({ created: true });
    expect(await pointsTo('t')).toBe(a.digest);
    expect(await move(b.digest)).toEqual({ created: false });
    expect(await pointsTo('t')).toBe(b.digest);
    expect(await move(b.digest)).toEqual({ created: false });
    expect(await digests()).toEqual([b.digest, a.digest]);
    expect(await pointsTo('a')).toBe(a.digest);
  });

  it('knows only images of the repository', async () => {
    const { digest } = await registry.pushImage(other, 'a', 'a');
    for (const target of [digest, 'a']) expect(await outcomeOf(move(target))).toBe('MANIFEST_UNKNOWN');
    expect(await registry.repositories.find(app)).toBeUndefined();
  });

  it('and deleting ask first whether what is there may be changed', async () => {
    const a = await registry.pushImage(app, 't', 'a');
    await registry.pushImage(app, 'b', 'b');
    const seen: unknown[] = [];
    const never = (current: Digest | undefined) => {
      seen.push(current);
      return false;
    };
    expect(await outcomeOf(move('b', 't', never))).toBe('PRECONDITION_FAILED');
    expect(await outcomeOf(move('b', 'new', never))).toBe('PRECONDITION_FAILED');
    expect(await outcomeOf(registry.images.deleteTag(app, tag, never))).toBe('PRECONDITION_FAILED');
    expect(seen).toEqual([a.digest, undefined, a.digest]);
    expect(await pointsTo('t')).toBe(a.digest);
    expect(await history()).toHaveLength(1);
  });
});
