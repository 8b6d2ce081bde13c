import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';

const id: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};
const integer = (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
  name,
  type: 'integer',
  ...more,
});
/** 64 bits: sizes in bytes and times in epoch milliseconds. */
const long = (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
  name,
  type: 'bigint',
  ...more,
});
const text = (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
  name,
  type: 'text',
  ...more,
});
const flag = (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
  name,
  type: 'boolean',
  ...more,
});
const key = { isPrimary: true };
const optional = { isNullable: true };

const belongsTo = (column: string, table: string, onDelete: 'CASCADE' | 'SET NULL' | 'NO ACTION' = 'CASCADE') => ({
  columnNames: [column],
  referencedTableName: table,
  referencedColumnNames: [table === 'blobs' ? 'digest' : 'id'],
  onDelete,
});
const index = (name: string, ...columnNames: string[]) => ({ name, columnNames });
const unique = (name: string, ...columnNames: string[]) => ({ name, columnNames, isUnique: true });

/** Parents before children. A table keyed by text or by two columns is its own index (`withoutRowid`), so a look-up reads one tree. */
const tables: Table[] = [
  new Table({
    name: 'users',
    columns: [
      id,
      text('username'),
      text('full_name', optional),
      text('email', optional),
      text('role'),
      flag('enabled'),
      text('password_hash'),
      flag('must_change_password'),
      integer('credential_version', { default: 1 }),
      long('created_at'),
      long('last_sign_in_at', optional),
    ],
    indices: [unique('users_username', 'username')],
  }),
  new Table({
    name: 'sessions',
    withoutRowid: true,
    columns: [
      text('id', key),
      integer('user_id'),
      long('created_at'),
      long('last_seen_at'),
      long('expires_at'),
      text('address'),
      text('user_agent'),
    ],
    foreignKeys: [belongsTo('user_id', 'users')],
    indices: [index('sessions_user', 'user_id'), index('sessions_expiry', 'expires_at')],
  }),
  new Table({
    name: 'repositories',
    columns: [
      id,
      text('name'),
      text('visibility'),
      text('description', { default: "''" }),
      integer('owner_id', optional),
      long('created_at'),
      long('updated_at'),
      long('pushed_at', optional),
    ],
    foreignKeys: [belongsTo('owner_id', 'users', 'SET NULL')],
    indices: [
      unique('repositories_name', 'name'),
      index('repositories_visibility', 'visibility', 'name'),
      index('repositories_owner', 'owner_id'),
    ],
  }),
  new Table({
    name: 'grants',
    columns: [
      id,
      integer('user_id'),
      text('pattern'),
      /** What a wildcard pattern covers starts with this ("team/" of "team/*", "" of "*"); null for an exact one. Finds a user's few wildcards among many grants. */
      text('prefix', optional),
      flag('can_pull'),
      flag('can_push'),
      flag('can_delete'),
      flag('can_manage'),
      long('created_at'),
      integer('created_by', optional),
    ],
    foreignKeys: [belongsTo('user_id', 'users'), belongsTo('created_by', 'users', 'SET NULL')],
    indices: [
      unique('grants_user_pattern', 'user_id', 'pattern'),
      { ...index('grants_user_prefix', 'user_id', 'prefix'), where: '"prefix" IS NOT NULL' },
      index('grants_pattern', 'pattern'),
      index('grants_author', 'created_by'),
    ],
  }),
  new Table({
    name: 'blobs',
    withoutRowid: true,
    columns: [text('digest', key), long('size'), long('created_at')],
  }),
  new Table({
    name: 'blob_links',
    withoutRowid: true,
    columns: [integer('repository_id', key), text('digest', key), long('created_at')],
    foreignKeys: [belongsTo('repository_id', 'repositories'), belongsTo('digest', 'blobs', 'NO ACTION')],
    indices: [index('blob_links_digest', 'digest')],
  }),
  new Table({
    name: 'manifests',
    columns: [
      id,
      integer('repository_id'),
      text('digest'),
      text('media_type'),
      text('artifact_type', optional),
      text('subject', optional),
      long('size'),
      long('total_size'),
      text('platforms', { default: "''" }),
      text('config_digest', optional),
      text('annotations', { default: "'{}'" }),
      long('created_at'),
      integer('pushed_by', optional),
      /** Last, because what stands behind a large value is read through all of its pages. */
      { name: 'bytes', type: 'blob' },
    ],
    foreignKeys: [belongsTo('repository_id', 'repositories'), belongsTo('pushed_by', 'users', 'SET NULL')],
    indices: [
      unique('manifests_repository_digest', 'repository_id', 'digest'),
      index('manifests_repository_subject', 'repository_id', 'subject'),
      index('manifests_author', 'pushed_by'),
    ],
  }),
  new Table({
    name: 'manifest_references',
    withoutRowid: true,
    columns: [integer('manifest_id', key), text('digest', key), text('kind')],
    foreignKeys: [belongsTo('manifest_id', 'manifests')],
    indices: [index('manifest_references_digest', 'digest')],
  }),
  new Table({
    name: 'tags',
    withoutRowid: true,
    columns: [
      integer('repository_id', key),
      text('name', key),
      integer('manifest_id'),
      long('pushed_at'),
      integer('pushed_by', optional),
    ],
    foreignKeys: [
      belongsTo('repository_id', 'repositories'),
      belongsTo('manifest_id', 'manifests'),
      belongsTo('pushed_by', 'users', 'SET NULL'),
    ],
    indices: [
      index('tags_manifest', 'manifest_id'),
      index('tags_repository_pushed', 'repository_id', 'pushed_at'),
      index('tags_author', 'pushed_by'),
    ],
  }),
  new Table({
    name: 'uploads',
    withoutRowid: true,
    columns: [
      text('id', key),
      text('repository'),
      text('principal'),
      text('algorithm'),
      long('created_at'),
      long('updated_at'),
    ],
    indices: [index('uploads_principal', 'principal'), index('uploads_updated', 'updated_at')],
  }),
];

/** The first schema: accounts, repositories, grants, the image index and upload sessions. */
export class Initial1763700000000 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'Initial1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...tables].reverse()) await runner.dropTable(table);
  }
}
