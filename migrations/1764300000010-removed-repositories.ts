import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';

const removed = new Table({
  name: 'removed_repositories',
  columns: [{ name: 'id', type: 'integer', isPrimary: true }],
});

/** What a row belonged to until now. */
const owners = {
  repository_id: { table: 'repositories', onDelete: 'CASCADE' },
  pushed_by: { table: 'users', onDelete: 'SET NULL' },
} as const;
type Owner = keyof typeof owners;

/** What may be so much, or so large, that nobody can wait until it is deleted or rewritten. */
const loosened: readonly { readonly name: string; readonly columns: readonly Owner[] }[] = [
  { name: 'manifests', columns: ['repository_id', 'pushed_by'] },
  { name: 'tags', columns: ['repository_id', 'pushed_by'] },
  { name: 'tag_moves', columns: ['repository_id'] },
  { name: 'blob_links', columns: ['repository_id'] },
];
const authors = [
  { table: 'manifests', index: new TableIndex({ name: 'manifests_author', columnNames: ['pushed_by'] }) },
  { table: 'tags', index: new TableIndex({ name: 'tags_author', columnNames: ['pushed_by'] }) },
];
/** Of manifests. */
const children = ['tags', 'manifest_references'];

function belongsTo(column: Owner): TableForeignKey {
  const { table, onDelete } = owners[column];
  return new TableForeignKey({
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete,
  });
}

/** What the foreign key would have done. */
function ended(name: string, column: Owner): string {
  const { table, onDelete } = owners[column];
  const change = onDelete === 'CASCADE' ? `DELETE FROM ${name}` : `UPDATE ${name} SET ${column} = NULL`;
  return `${change} WHERE ${column} NOT IN (SELECT id FROM ${table})`;
}

/**
 * What a repository has outlives it for as long as it takes to clear away, and what an account pushed keeps the number of the account;
 * neither is ever given to another. Each of the tables is copied once.
 */
export class RemovedRepositories1764300000010 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'RemovedRepositories1764300000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(removed);
    for (const { table, index } of authors) await runner.dropIndex(table, index);
    for (const { name, columns } of loosened) {
      const { foreignKeys = [] } = (await runner.getTable(name)) ?? {};
      const owned = foreignKeys.filter(({ columnNames: [column] }) => columns.some((owner) => owner === column));
      await runner.dropForeignKeys(name, owned);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name, columns } of loosened) for (const column of columns) await runner.query(ended(name, column));
    // SQLite deletes what belongs to the rows of a table before it drops it.
    for (const child of children)
      await runner.query(`CREATE TABLE kept_${child} AS SELECT * FROM ${child}
      WHERE manifest_id IN (SELECT id FROM manifests)`);
    for (const { name, columns } of loosened) await runner.createForeignKeys(name, columns.map(belongsTo));
    for (const child of children) {
      await runner.query(`INSERT INTO ${child} SELECT * FROM kept_${child}`);
      await runner.query(`DROP TABLE kept_${child}`);
    }
    for (const { table, index } of authors) await runner.createIndex(table, index);
    await runner.dropTable(removed);
  }
}
