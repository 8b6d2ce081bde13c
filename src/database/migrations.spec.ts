import type { DataSource } from 'typeorm';
import { SessionCap1764200000050 } from '../../migrations/1764200000050-session-cap.js';
import { PublishedViews1764400000020 } from '../../migrations/1764400000020-published-views.js';
import { Changes1764400000030 } from '../../migrations/1764400000030-changes.js';
import { insertUser, type MigratedFile, migratedFile } from '../../test/support/migrated-file.js';
import { outcomeOf } from '../../test/support/outcome.js';
import { silentLog } from '../../test/support/temporary-database.js';
import { migrations } from './migrations.js';
import { openDatabase } from './open-database.js';

let old: MigratedFile;
beforeEach(async () => {
  old = await migratedFile();
});
afterEach(() => old.remove());

const insertGrant = (owners: string, values: string, pattern: string) =>
  `INSERT INTO grants (${owners}, pattern, can_pull, can_push, can_delete, can_manage, created_at) VALUES (${values}, '${pattern}', 1, 0, 1, 0, 5)`;

describe('groups, robots and tokens', () => {
  it('leaves every grant as it was', async () => {
    let before: unknown;
    await old.withMigrations(1, async (source) => {
      await source.query(insertUser(1));
      for (const pattern of ['team/*', '*', 'team/app']) await source.query(insertGrant('user_id', '1', pattern));
      await source.query(`DELETE FROM grants WHERE pattern = '*'`);
      before = await source.query('SELECT * FROM grants ORDER BY id');
    });
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    const after = await database.read.query<Record<string, unknown>[]>('SELECT * FROM grants ORDER BY id');
    expect(after).toHaveLength(2);
    expect(after.map(({ group_id, robot_id, ...grant }) => grant)).toEqual(before);
    await database.close();
  });

  it('lets a grant belong to exactly one of three, once for a pattern', async () => {
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    const run = (sql: string) => outcomeOf(database.write((tx) => tx.query(sql)));
    await run(insertUser(1));
    await run(`INSERT INTO "groups" (id, name, created_at, updated_at) VALUES (1, 'g', 0, 0)`);
    await run(
      `INSERT INTO robots (id, namespace, name, enabled, created_at, updated_at) VALUES (1, 'n', 'n+r', 1, 0, 0)`,
    );
    for (const owner of ['user_id', 'group_id', 'robot_id']) {
      expect(await run(insertGrant(owner, '1', 'team/*'))).toBe('done');
      expect(await run(insertGrant(owner, '1', 'team/*'))).toContain('UNIQUE');
      expect(await run(insertGrant(owner, '2', 'team/*'))).toContain('FOREIGN KEY');
    }
    expect(await run(insertGrant('user_id', 'NULL', 'team/*'))).toContain('CHECK');
    expect(await run(insertGrant('user_id, robot_id', '1, 1', 'other'))).toContain('CHECK');
    for (const table of ['users', '"groups"', 'robots']) await run(`DELETE FROM ${table}`);
    expect(await database.read.query('SELECT * FROM grants')).toEqual([]);
    await database.close();
  });

  it('is undone without a trace of it', async () => {
    const schema = (source: DataSource) => source.query('SELECT name FROM sqlite_master ORDER BY name');
    let before: unknown;
    let after: unknown;
    await old.withMigrations(1, async (source) => {
      before = await schema(source);
    });
    await old.withMigrations(2, async (source) => {
      await source.query(insertUser(1));
      await source.query(insertGrant('user_id', '1', 'team/*'));
      await source.undoLastMigration();
      after = await schema(source);
      expect(await source.query('SELECT pattern FROM grants')).toEqual([{ pattern: 'team/*' }]);
    });
    expect(after).toEqual(before);
  });
});

describe('tag moves', () => {
  it('begin with where every tag points, and who pushed it if that is known', async () => {
    await old.withMigrations(3, async (source) => {
      await source.query(insertUser(1));
      await source.query(
        `INSERT INTO repositories (id, name, visibility, created_at, updated_at) VALUES (1, 'r', 'private', 0, 0)`,
      );
      await source.query(`INSERT INTO manifests (id, repository_id, digest, media_type, size, total_size, created_at, bytes)
        VALUES (1, 1, 'sha256:a', '', 0, 0, 0, '')`);
      await source.query(`INSERT INTO tags (repository_id, name, manifest_id, pushed_at, pushed_by)
        VALUES (1, 'one', 1, 5, 1), (1, 'two', 1, 6, NULL)`);
    });
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    const moved = { repository_id: 1, number: 1, digest: 'sha256:a' };
    expect(await database.read.query('SELECT * FROM tag_moves ORDER BY tag')).toEqual([
      { ...moved, tag: 'one', at: 5, actor: 'user:user-1' },
      { ...moved, tag: 'two', at: 6, actor: '' },
    ]);
    await database.close();
  });
});

describe('referrer indexes', () => {
  it('are undone without a trace of them', async () => {
    const schema = (source: DataSource) => source.query('SELECT name, sql FROM sqlite_master ORDER BY name');
    let before: unknown;
    let after: unknown;
    await old.withMigrations(6, async (source) => {
      before = await schema(source);
    });
    await old.withMigrations(7, async (source) => {
      await source.undoLastMigration();
      after = await schema(source);
    });
    expect(after).toEqual(before);
  });
});

describe('published views', () => {
  it('are undone without a trace of them', async () => {
    const before = migrations.indexOf(PublishedViews1764400000020);
    const schema = (source: DataSource) => source.query('SELECT name, sql FROM sqlite_master ORDER BY name');
    let without: unknown;
    let after: unknown;
    await old.withMigrations(before, async (source) => {
      without = await schema(source);
    });
    await old.withMigrations(before + 1, async (source) => {
      expect(await schema(source)).not.toEqual(without);
      await source.undoLastMigration();
      after = await schema(source);
    });
    expect(after).toEqual(without);
  });
});

describe('what an account may have', () => {
  const before = migrations.indexOf(SessionCap1764200000050);
  const session = (id: string, user: number, seen: number) =>
    `INSERT INTO sessions (id, user_id, created_at, last_seen_at, expires_at, address, user_agent)
      VALUES ('${id}', ${user}, 0, ${seen}, 9999999999999, '', '')`;

  it('holds for sessions from before: the hundred seen last stay, and all of those who have fewer', async () => {
    await old.withMigrations(before, async (source) => {
      for (const user of [1, 2]) await source.query(insertUser(user));
      for (let n = 0; n < 250; n++) await source.query(session(`a${n}`, 1, n));
      for (let n = 0; n < 3; n++) await source.query(session(`b${n}`, 2, 0));
    });
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    expect(
      await database.read.query(
        'SELECT user_id, COUNT(*) AS count, MIN(last_seen_at) AS oldest FROM sessions GROUP BY user_id',
      ),
    ).toEqual([
      { user_id: 1, count: 100, oldest: 150 },
      { user_id: 2, count: 3, oldest: 0 },
    ]);
    await database.close();
  });

  it('is undone without a trace of it', async () => {
    const schema = (source: DataSource) => source.query('SELECT name, sql FROM sqlite_master ORDER BY name');
    let fresh: unknown;
    let after: unknown;
    await old.withMigrations(before, async (source) => {
      fresh = await schema(source);
    });
    await old.withMigrations(before + 1, async (source) => {
      await source.undoLastMigration();
      after = await schema(source);
    });
    expect(after).toEqual(fresh);
  });
});

describe('bounds of what manifests say', () => {
  const manifest = (id: number, platforms: string, size: number | string) =>
    `INSERT INTO manifests (id, repository_id, digest, media_type, size, total_size, platforms, created_at, bytes)
      VALUES (${id}, 1, 'sha256:${id}', '', 0, ${size}, '${platforms}', 0, '')`;

  it('are kept by what was pushed before there were any, and the rest stays', async () => {
    const wide = Array.from({ length: 13_500 }, (_, i) => `linux/arm64/v${i}`);
    await old.withMigrations(7, async (source) => {
      await source.query(
        `INSERT INTO repositories (id, name, visibility, created_at, updated_at) VALUES (1, 'r', 'private', 0, 0)`,
      );
      await source.query(manifest(1, wide.join(','), '1.5e21'));
      await source.query(manifest(2, 'linux/amd64,linux/arm64', 7));
      await source.query(manifest(3, 'x'.repeat(5000), '9007199254740992'));
      await source.query(`WITH RECURSIVE n (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < 3500)
        INSERT INTO tag_moves (repository_id, tag, number, digest, at, actor)
        SELECT 1, tag, number, '', 0, '' FROM n, (SELECT 'many' AS tag UNION ALL SELECT 'few')
        WHERE tag = 'many' OR number <= 2`);
    });
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    const rows = await database.read.query<{ platforms: string; total_size: number }[]>(
      'SELECT platforms, total_size FROM manifests ORDER BY id',
    );
    expect(rows.map(({ total_size }) => total_size)).toEqual([Number.MAX_SAFE_INTEGER, 7, Number.MAX_SAFE_INTEGER]);
    const [first, second, third] = rows.map(({ platforms }) => platforms);
    const kept = first?.split(',') ?? [];
    expect(kept).toEqual(wide.slice(0, kept.length));
    expect(kept.length).toBeGreaterThan(32);
    expect([second, third]).toEqual(['linux/amd64,linux/arm64', '']);
    expect(
      await database.read.query('SELECT tag, MIN(number) AS oldest, COUNT(*) AS count FROM tag_moves GROUP BY tag'),
    ).toEqual([
      { tag: 'few', oldest: 1, count: 2 },
      { tag: 'many', oldest: 2501, count: 1000 },
    ]);
    await database.close();
  });
});

describe('repositories of audit events', () => {
  it('are those that bore the name when it happened, as far as that is known', async () => {
    await old.withMigrations(7, async (source) => {
      const repository = (id: number, name: string, created: number) =>
        source.query(`INSERT INTO repositories (id, name, visibility, created_at, updated_at)
          VALUES (${id}, '${name}', 'private', ${created}, 0)`);
      const event = (at: number, action: string, name: string) =>
        source.query(`INSERT INTO audit_events (at, last_at, action, result, actor, resource)
          VALUES (${at}, ${at}, '${action}', 'ok', 'system', '${name}')`);
      await repository(1, 'made/anew', 50);
      await repository(2, 'renamed/to', 10);
      await event(40, 'push', 'repository:made/anew'); // of the one before it
      await event(50, 'repository.create', 'repository:made/anew');
      await event(60, 'pull', 'repository:made/anew');
      await event(61, 'denied', 'repository:made/anew');
      await event(20, 'push', 'repository:renamed/to'); // of the one that bore the name then
      await event(30, 'repository.rename', 'repository:renamed/to');
      await event(31, 'push', 'repository:renamed/to');
      await event(32, 'push', 'repository:gone');
      await event(70, 'user.create', 'user:made/anew');
    });
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    const rows = await database.read.query<{ at: number; id: number | null }[]>(
      'SELECT at, repository_id AS id FROM audit_events WHERE repository_id IS NOT NULL ORDER BY at',
    );
    expect(rows).toEqual([
      { at: 30, id: 2 },
      { at: 31, id: 2 },
      { at: 50, id: 1 },
      { at: 60, id: 1 },
    ]);
    await database.close();
  });
});

describe('the feed of changes', () => {
  const before = migrations.indexOf(Changes1764400000030);

  it('begins with what the layout had not followed yet, and every event of the audit stays', async () => {
    let events: unknown;
    await old.withMigrations(before, async (source) => {
      await source.query(`INSERT INTO layout_changes (repository, changed)
        VALUES ('team/app', 'sha256:a 1.0'), ('', '*'), ('gone', '')`);
      await source.query(`WITH RECURSIVE n (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < 1000)
        INSERT INTO audit_events (at, last_at, action, result, actor, resource) SELECT number, number, 'push', 'ok', 'system', '' FROM n`);
      events = await source.query('SELECT * FROM audit_events ORDER BY id');
    });
    const database = await openDatabase({ file: old.file, entities: [], log: silentLog });
    const rows = await database.read.query<{ kind: string; payload: string }[]>(
      'SELECT * FROM changes ORDER BY position',
    );
    expect(rows.map(({ kind, payload }) => [kind, JSON.parse(payload)])).toEqual([
      ['layout.note', { repository: 'team/app', noted: 'sha256:a 1.0' }],
      ['layout.note', { repository: '', noted: '*' }],
      ['layout.note', { repository: 'gone', noted: '' }],
    ]);
    expect(await database.read.query('SELECT name, position FROM consumers')).toEqual([
      { name: 'layout', position: 0 },
    ]);
    expect(await database.read.query('SELECT * FROM audit_events ORDER BY id')).toEqual(events);
    await database.close();
  });

  it('is undone to a layout that is looked at as a whole', async () => {
    const schema = (source: DataSource) => source.query('SELECT name, sql FROM sqlite_master ORDER BY name');
    let fresh: unknown;
    let after: unknown;
    await old.withMigrations(before, async (source) => {
      fresh = await schema(source);
    });
    await old.withMigrations(before + 1, async (source) => {
      await source.undoLastMigration();
      after = await schema(source);
    });
    expect(after).toEqual(fresh);
  });
});
