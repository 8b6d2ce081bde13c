import type { DataSource } from 'typeorm';
import { RemovedRepositories1764300000010 } from '../../migrations/1764300000010-removed-repositories.js';
import { insertUser, type MigratedFile, migratedFile } from '../../test/support/migrated-file.js';
import { migrations } from './migrations.js';

let old: MigratedFile;
beforeEach(async () => {
  old = await migratedFile();
});
afterEach(() => old.remove());

describe('what outlives a repository or an account', () => {
  const before = migrations.indexOf(RemovedRepositories1764300000010);
  const tables = ['manifests', 'tags', 'tag_moves', 'blob_links', 'manifest_references'];
  /** Columns, indexes and owners of every table, in whatever words. */
  async function schema(source: DataSource): Promise<string[]> {
    const found = await source.query<{ line: string }[]>(`
      SELECT 'key ' || m.name || ' ' || f."from" || ' ' || f."table" || ' ' || f.on_delete AS line
        FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
      UNION ALL SELECT 'column ' || m.name || ' ' || c.cid || ' ' || c.name || ' ' || c.type || c."notnull" || c.pk || COALESCE(c.dflt_value, '')
        FROM sqlite_master m JOIN pragma_table_info(m.name) c
      UNION ALL SELECT 'index ' || sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
      UNION ALL SELECT 'table ' || name || ' ' || (sql LIKE '%WITHOUT ROWID') || (sql LIKE '%AUTOINCREMENT%') FROM sqlite_master WHERE type = 'table'
      ORDER BY line`);
    return found.map(({ line }) => line);
  }

  async function pushed(source: DataSource): Promise<void> {
    for (const id of [1, 2]) {
      await source.query(insertUser(id));
      for (const sql of [
        `INSERT INTO repositories (id, name, visibility, created_at, updated_at) VALUES (${id}, 'r${id}', 'private', 0, 0)`,
        `INSERT INTO blobs (digest, size, created_at) VALUES ('sha256:b${id}', 0, 0)`,
        `INSERT INTO blob_links (repository_id, digest, created_at) VALUES (${id}, 'sha256:b${id}', 0)`,
        `INSERT INTO manifests (id, repository_id, digest, media_type, size, total_size, created_at, pushed_by, bytes)
          VALUES (${id}, ${id}, 'sha256:${id}', '', 0, 0, 0, ${id}, x'00ff')`,
        `INSERT INTO manifest_references (manifest_id, digest, kind) VALUES (${id}, 'sha256:b${id}', 'layer')`,
        `INSERT INTO tags (repository_id, name, manifest_id, pushed_at, pushed_by) VALUES (${id}, 't', ${id}, 5, ${id})`,
        `INSERT INTO tag_moves (repository_id, tag, number, digest, at, actor) VALUES (${id}, 't', 1, 'sha256:${id}', 5, '')`,
      ])
        await source.query(sql);
    }
  }
  const rows = (source: DataSource) => Promise.all(tables.map((table) => source.query(`SELECT * FROM ${table}`)));

  it('keeps every row that was there, and the shape of its table but for who owned it', async () => {
    let shape: string[] = [];
    let was: unknown;
    await old.withMigrations(before, async (source) => {
      shape = await schema(source);
      await pushed(source);
      was = await rows(source);
    });
    await old.withMigrations(before + 1, async (source) => {
      expect(await rows(source)).toEqual(was);
      const lost =
        /^key (manifests|tags|tag_moves|blob_links) (repository_id|pushed_by) |^index .*"(manifests|tags)_author"/;
      expect(shape.filter((line) => lost.test(line))).toHaveLength(8);
      const now = await schema(source);
      expect(now.filter((line) => !line.includes('removed_repositories'))).toEqual(
        shape.filter((line) => !lost.test(line)),
      );
    });
  });

  it('is undone without a trace of it or of what is gone', async () => {
    let [shape, was]: unknown[] = [];
    await old.withMigrations(before, async (source) => {
      shape = await schema(source);
    });
    await old.withMigrations(before + 1, async (source) => {
      await pushed(source);
      for (const sql of ['DELETE FROM repositories WHERE id = 2', 'DELETE FROM users WHERE id = 1'])
        await source.query(sql);
      await source.undoLastMigration();
      was = [await schema(source), await rows(source)];
      expect(await source.query('PRAGMA foreign_key_check')).toEqual([]);
    });
    expect(was).toEqual([
      shape,
      [
        [expect.objectContaining({ id: 1, pushed_by: null })],
        [expect.objectContaining({ repository_id: 1, pushed_by: null })],
        ...tables.slice(2).map(() => [expect.anything()]),
      ],
    ]);
  });
});
