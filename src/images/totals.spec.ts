import {
  app,
  imageIndex,
  other,
  type TemporaryImages,
  temporaryImages,
  unknown,
} from '../../test/support/temporary-images.js';

let registry: TemporaryImages;
beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

describe('totals', () => {
  it('count tags and each blob once', async () => {
    await registry.pushImage(app, 'a', 'same');
    await registry.pushImage(app, 'b', 'same');
    await registry.addBlob(other, 'four');
    const totals = await registry.images.totals([app, other, unknown]);
    expect(totals.get(other)).toEqual({ tags: 0, size: 4 });
    expect(totals.get(app)).toMatchObject({ tags: 2 });
    expect(totals.size).toBe(2);
  });
});

describe('totals of sizes that add up to more than can be told', () => {
  it('stop at what can', async () => {
    await registry.addBlob(app, 'first');
    await registry.database.write(async (tx) => {
      for (const name of ['a', 'b', 'c']) {
        await tx.query(`INSERT INTO blobs (digest, size, created_at) VALUES ('${name}', 9223372036854775807, 0)`);
        await tx.query(`INSERT INTO blob_links (repository_id, digest, created_at) VALUES (1, '${name}', 0)`);
      }
    });
    const most = Number.MAX_SAFE_INTEGER;
    expect((await registry.images.totals([app])).get(app)?.size).toBe(most);
    const all = { sql: 'SELECT id FROM repositories', values: [] };
    expect((await registry.images.totalsOf(all)).size).toBe(most);
  });
});

describe('totals of many repositories', () => {
  const all = { sql: 'SELECT id FROM repositories WHERE name LIKE ?', values: ['%'] };

  it('count each blob once, and only in these repositories', async () => {
    expect(await registry.images.totalsOf(all)).toEqual({ repositories: 0, tags: 0, size: 0 });
    await registry.addBlob(app, 'shared');
    await registry.addBlob(other, 'shared');
    await registry.addBlob(other, 'more');
    await registry.push(app, 't', imageIndex([]), ['u']);
    expect(await registry.images.totalsOf(all)).toEqual({ repositories: 2, tags: 2, size: 10 });
    expect(await registry.images.totalsOf({ ...all, values: ['team/%'] })).toEqual({
      repositories: 1,
      tags: 2,
      size: 6,
    });
  });
});
