import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** What happened, in order, for those who follow it (src/changes). No index but its own: it is written with every push. */
const changes = new Table({
  name: 'changes',
  columns: [
    { name: 'position', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
    { name: 'epoch', type: 'text' },
    { name: 'kind', type: 'text' },
    { name: 'id', type: 'integer', isNullable: true },
    /** JSON. */
    { name: 'payload', type: 'text' },
    { name: 'at', type: 'bigint' },
  ],
});

const consumers = new Table({
  name: 'consumers',
  columns: [
    { name: 'name', type: 'text', isPrimary: true },
    /** Through which everything is done. */
    { name: 'position', type: 'integer' },
    { name: 'epoch', type: 'text' },
    { name: 'edition', type: 'text' },
    /** How often it failed in a row at the change behind `position`. */
    { name: 'failures', type: 'integer' },
  ],
});

const parked = new Table({
  name: 'parked_changes',
  columns: [
    { name: 'consumer', type: 'text', isPrimary: true },
    { name: 'epoch', type: 'text', isPrimary: true },
    { name: 'position', type: 'integer', isPrimary: true },
    { name: 'kind', type: 'text' },
    { name: 'id', type: 'integer', isNullable: true },
    { name: 'payload', type: 'text' },
    { name: 'at', type: 'bigint' },
    { name: 'error', type: 'text' },
    { name: 'parked_at', type: 'bigint' },
  ],
});

/** As the version before had it. */
const noted = new Table({
  name: 'layout_changes',
  columns: [
    { name: 'seq', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
    { name: 'repository', type: 'text' },
    { name: 'changed', type: 'text' },
  ],
});

/** The feed of changes and how far its consumers are. */
export class Changes1764400000030 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'Changes1764400000030';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [changes, consumers, parked]) await runner.createTable(table);
    // What the layout had not followed yet waits for it in the feed, with the names in the words of then.
    await runner.query(
      `INSERT INTO changes (epoch, kind, payload, at)
        SELECT '', 'layout.note', json_object('repository', repository, 'noted', changed), ? FROM layout_changes ORDER BY seq`,
      [Date.now()],
    );
    await runner.query(`INSERT INTO consumers (name, position, epoch, edition, failures)
      SELECT 'layout', 0, '', '', 0 WHERE EXISTS (SELECT 1 FROM layout_changes)`);
    await runner.dropTable('layout_changes');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [parked, consumers, changes]) await runner.dropTable(table);
    await runner.createTable(noted);
    await runner.query(
      `INSERT INTO layout_changes (repository, changed) SELECT '', '*' WHERE EXISTS (SELECT 1 FROM manifests)`,
    );
  }
}
