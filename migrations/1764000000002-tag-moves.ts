import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/**
 * Where every tag has pointed. Keyed by place in the history of its tag, so that a page is one walk of the key and a move writes one
 * tree. A row has the digest itself, because the image may be gone, and the actor's name, because the account may.
 */
const moves = new Table({
  name: 'tag_moves',
  withoutRowid: true,
  columns: [
    { name: 'repository_id', type: 'integer', isPrimary: true },
    { name: 'tag', type: 'text', isPrimary: true },
    /** 1 is the first push of the tag. */
    { name: 'number', type: 'integer', isPrimary: true },
    /** Null: the tag was deleted. */
    { name: 'digest', type: 'text', isNullable: true },
    { name: 'at', type: 'bigint' },
    /** As in audit_events; empty where nobody wrote down who it was. */
    { name: 'actor', type: 'text' },
  ],
  foreignKeys: [
    {
      columnNames: ['repository_id'],
      referencedTableName: 'repositories',
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE',
    },
  ],
});

/** The history of tags, which begins with where they point today. */
export class TagMoves1764000000002 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'TagMoves1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(moves);
    await runner.query(`
      INSERT INTO tag_moves (repository_id, tag, number, digest, at, actor)
      SELECT t.repository_id, t.name, 1, m.digest, t.pushed_at, COALESCE('user:' || u.username, '')
      FROM tags t JOIN manifests m ON m.id = t.manifest_id LEFT JOIN users u ON u.id = t.pushed_by`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(moves);
  }
}
