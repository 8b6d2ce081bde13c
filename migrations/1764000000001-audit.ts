import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions, TableIndex } from 'typeorm';

const text = (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
  name,
  type: 'text',
  default: "''",
  ...more,
});
/** 64 bits: times in epoch milliseconds. */
const long = (name: string): TableColumnOptions => ({ name, type: 'bigint' });

/** Who did what. Rows are added and, when their time is over, removed; only the count of a row that stands for an hour of pulls goes up. */
const events = new Table({
  name: 'audit_events',
  columns: [
    { name: 'id', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
    long('at'),
    /** When it happened last; another time than `at` only where one row counts many. */
    long('last_at'),
    { name: 'count', type: 'integer', default: 1 },
    text('action', { default: undefined }),
    text('result', { default: undefined }),
    /** `user:ada`, `robot:team+ci`, `anonymous`, `system`. */
    text('actor', { default: undefined }),
    /** `repository:team/app`, `user:ada`, …, or empty. */
    text('resource'),
    /** The tag or digest in the repository. */
    text('reference'),
    text('address'),
    text('user_agent'),
    text('request_id'),
    /** JSON: `{before, after}`, allow-listed fields only. */
    text('detail', { default: "'{}'" }),
    /** What a counting row stands for; null in all others. */
    text('bucket', { isNullable: true, default: undefined }),
  ],
});

/**
 * Every filter finds its page by seeking. One of actor, resource and address is read action by action and merged, so that
 * action and result narrow it for nothing; two of them have an index of their own. See src/audit/audit-query.ts.
 */
const indices = [
  ['time', 'at'],
  ['action', 'action', 'at'],
  ['result', 'result', 'at'],
  ['actor', 'actor', 'action', 'at'],
  ['resource', 'resource', 'action', 'at'],
  ['address', 'address', 'action', 'at'],
  ['actor_resource', 'actor', 'resource', 'at'],
  ['actor_address', 'actor', 'address', 'at'],
  ['resource_address', 'resource', 'address', 'at'],
].map(([name, ...columnNames]) => new TableIndex({ name: `audit_events_${name}`, columnNames }));

const bucket = new TableIndex({
  name: 'audit_events_bucket',
  columnNames: ['bucket'],
  isUnique: true,
  where: '"bucket" IS NOT NULL',
});

/** The record of who did what. */
export class Audit1764000000001 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'Audit1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(events);
    await runner.createIndices(events.name, [...indices, bucket]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(events);
  }
}
