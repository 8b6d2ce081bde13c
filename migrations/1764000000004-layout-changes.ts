import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** What changed in the index and is not in the layout on the disk yet (src/layout), in the order of the changes. */
const changes = new Table({
  name: 'layout_changes',
  columns: [
    { name: 'seq', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
    /** By name, because it may be gone. Empty: all of them. */
    { name: 'repository', type: 'text' },
    /** Tags and digests separated by spaces, `*` for everything in it. Empty: what was there is gone. */
    { name: 'changed', type: 'text' },
  ],
});

/** The list for the mirror, which begins with everything that is there. */
export class LayoutChanges1764000000004 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'LayoutChanges1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(changes);
    await runner.query(`
      INSERT INTO layout_changes (repository, changed) SELECT '', '*' WHERE EXISTS (SELECT 1 FROM manifests)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(changes);
  }
}
