import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableCheck,
  type TableColumnOptions,
  TableIndex,
} from 'typeorm';

const id: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};
const column =
  (type: string) =>
  (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({ name, type, ...more });
const integer = column('integer');
/** 64 bits: times in epoch milliseconds. */
const long = column('bigint');
const text = column('text');
const flag = column('boolean');
const key = { isPrimary: true };
const optional = { isNullable: true };
const empty = { default: "''" };

const belongsTo = (name: string, table: string, onDelete: 'CASCADE' | 'SET NULL' = 'CASCADE') => ({
  columnNames: [name],
  referencedTableName: table,
  referencedColumnNames: ['id'],
  onDelete,
});
const index = (name: string, ...columnNames: string[]) => ({ name, columnNames });
const unique = (name: string, ...columnNames: string[]) => ({ name, columnNames, isUnique: true });

/** Parents before children. A secret is kept as its SHA-256 in hex and its last four characters, the hint. */
const tables: Table[] = [
  new Table({
    name: 'groups',
    columns: [id, text('name'), text('description', empty), long('created_at'), long('updated_at')],
    indices: [unique('groups_name', 'name')],
  }),
  new Table({
    name: 'group_members',
    withoutRowid: true,
    columns: [integer('group_id', key), integer('user_id', key), long('created_at')],
    foreignKeys: [belongsTo('group_id', 'groups'), belongsTo('user_id', 'users')],
    indices: [index('group_members_user', 'user_id')],
  }),
  new Table({
    name: 'robots',
    columns: [
      id,
      text('namespace'),
      /** Whole: "namespace+name". */
      text('name'),
      text('description', empty),
      flag('enabled'),
      /** Goes up when the robot is disabled, as that of users. */
      integer('credential_version', { default: 1 }),
      long('created_at'),
      long('updated_at'),
      long('expires_at', optional),
    ],
    indices: [unique('robots_name', 'name'), index('robots_namespace', 'namespace', 'name')],
  }),
  new Table({
    name: 'robot_secrets',
    columns: [
      id,
      integer('robot_id'),
      text('hash'),
      text('hint'),
      long('created_at'),
      long('expires_at', optional),
      long('last_used_at', optional),
      text('last_used_address', optional),
    ],
    foreignKeys: [belongsTo('robot_id', 'robots')],
    indices: [unique('robot_secrets_hash', 'hash'), index('robot_secrets_robot', 'robot_id')],
  }),
  new Table({
    name: 'access_tokens',
    columns: [
      id,
      integer('user_id'),
      text('name'),
      text('hash'),
      text('hint'),
      /** JSON: [{pattern, actions}]; an empty list narrows nothing. */
      text('scopes', { default: "'[]'" }),
      /** Goes up when the token gets another secret. */
      integer('credential_version', { default: 1 }),
      long('created_at'),
      long('expires_at', optional),
      long('last_used_at', optional),
      text('last_used_address', optional),
    ],
    foreignKeys: [belongsTo('user_id', 'users')],
    indices: [unique('access_tokens_hash', 'hash'), unique('access_tokens_user_name', 'user_id', 'name')],
  }),
  new Table({
    name: 'refresh_tokens',
    withoutRowid: true,
    columns: [
      /** The SHA-256 of the secret. */
      text('id', key),
      integer('user_id'),
      text('service'),
      text('client_id'),
      long('created_at'),
      long('last_used_at'),
      long('expires_at'),
      text('address'),
      text('user_agent', empty),
    ],
    foreignKeys: [belongsTo('user_id', 'users')],
    indices: [index('refresh_tokens_user', 'user_id', 'last_used_at'), index('refresh_tokens_expiry', 'expires_at')],
  }),
];

const grantColumns = 'id, user_id, pattern, prefix, can_pull, can_push, can_delete, can_manage, created_at, created_by';
const subjects = ['user', 'group', 'robot'];

/** Grants that belong to one of these; under another name first, because a table is copied into its successor. */
function grants(name: string, owners: readonly string[]): Table {
  const several = owners.length > 1;
  const given = owners.map((owner) => `CASE WHEN "${owner}_id" IS NULL THEN 0 ELSE 1 END`);
  return new Table({
    name,
    columns: [
      id,
      ...owners.map((owner) => integer(`${owner}_id`, several ? optional : {})),
      text('pattern'),
      text('prefix', optional),
      flag('can_pull'),
      flag('can_push'),
      flag('can_delete'),
      flag('can_manage'),
      long('created_at'),
      integer('created_by', optional),
    ],
    foreignKeys: [
      ...owners.map((owner) => belongsTo(`${owner}_id`, `${owner}s`)),
      belongsTo('created_by', 'users', 'SET NULL'),
    ],
    checks: several ? [new TableCheck({ name: 'grants_one_subject', expression: `${given.join(' + ')} = 1` })] : [],
  });
}

/**
 * Three for each kind of owner, with only its rows: all of its grants by pattern, its few wildcards, and the owners granted a pattern.
 * The last of users holds all rows, because grants are also asked for by pattern alone.
 */
function grantIndices(owners: readonly string[]): TableIndex[] {
  const several = owners.length > 1;
  const indices = owners.flatMap((owner) => {
    const owned = several ? { where: `"${owner}_id" IS NOT NULL` } : {};
    const wildcards = several ? `${owned.where} AND "prefix" IS NOT NULL` : '"prefix" IS NOT NULL';
    return [
      { ...unique(`grants_${owner}_pattern`, `${owner}_id`, 'pattern'), ...owned },
      { ...index(`grants_${owner}_prefix`, `${owner}_id`, 'prefix'), where: wildcards },
      ...(several
        ? [{ ...index(`grants_pattern_${owner}`, 'pattern', `${owner}_id`), ...(owner !== 'user' && owned) }]
        : []),
    ];
  });
  if (!several) indices.push(index('grants_pattern', 'pattern'));
  return [...indices, index('grants_author', 'created_by')].map((options) => new TableIndex(options));
}

/** Copies what users were granted into a table of another shape: SQLite cannot make a column nullable in place. */
async function reshapeGrants(runner: QueryRunner, owners: readonly string[]): Promise<void> {
  await runner.createTable(grants('grants_reshaped', owners));
  await runner.query(
    `INSERT INTO grants_reshaped (${grantColumns}) SELECT ${grantColumns} FROM grants WHERE user_id IS NOT NULL`,
  );
  await runner.dropTable('grants');
  await runner.renameTable('grants_reshaped', 'grants');
  await runner.createIndices('grants', grantIndices(owners));
}

/** Groups, robots, personal access tokens and refresh tokens; grants belong to a user, a group or a robot. */
export class GroupsRobotsTokens1764000000000 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'GroupsRobotsTokens1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table);
    await reshapeGrants(runner, subjects);
  }

  async down(runner: QueryRunner): Promise<void> {
    await reshapeGrants(runner, ['user']);
    for (const table of [...tables].reverse()) await runner.dropTable(table);
  }
}
