import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const table = 'audit_events';

/**
 * Whatever of actor, resource and address a filter names has an index of its own, with the action and the time behind it,
 * so that a page is one seek for each action that can match: what result allows it says with the actions that have it.
 */
const added = [
  ['actor_resource_action', 'actor', 'resource', 'action', 'at'],
  ['actor_address_action', 'actor', 'address', 'action', 'at'],
  ['resource_address_action', 'resource', 'address', 'action', 'at'],
  ['actor_resource_address', 'actor', 'resource', 'address', 'action', 'at'],
].map(([name, ...columnNames]) => new TableIndex({ name: `${table}_${name}`, columnNames }));

/** Without the action, rows of the other actions had to be read to be left out; and a result is a list of actions. */
const removed = [
  ['result', 'result', 'at'],
  ['actor_resource', 'actor', 'resource', 'at'],
  ['actor_address', 'actor', 'address', 'at'],
  ['resource_address', 'resource', 'address', 'at'],
].map(([name, ...columnNames]) => new TableIndex({ name: `${table}_${name}`, columnNames }));

/** Every combination of filters of the record finds its page by seeking. */
export class AuditIndexes1764000000003 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'AuditIndexes1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.dropIndices(table, removed);
    await runner.createIndices(table, added);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndices(table, added);
    await runner.createIndices(table, removed);
  }
}
