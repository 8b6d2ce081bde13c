import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const table = 'manifests';
/** Most manifests are about no other, and do not pay for these. */
const where = '"subject" IS NOT NULL';

/** A page of all referrers, and one of those of a type. */
const added = [
  new TableIndex({ name: 'manifests_subject', columnNames: ['repository_id', 'subject', 'digest'], where }),
  new TableIndex({
    name: 'manifests_subject_type',
    columnNames: ['repository_id', 'subject', 'artifact_type', 'digest'],
    where,
  }),
];

/** Without the digest, SQLite took the index that is in the order of the page and read every manifest of the repository. */
const removed = new TableIndex({
  name: 'manifests_repository_subject',
  columnNames: ['repository_id', 'subject'],
});

/** Every list of referrers finds its page by seeking. */
export class ReferrerIndexes1764000000005 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'ReferrerIndexes1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(table, removed);
    await runner.createIndices(table, added);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndices(table, added);
    await runner.createIndex(table, removed);
  }
}
