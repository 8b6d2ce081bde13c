import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** Work that outlives requests and the process (src/jobs). */
const jobs = new Table({
  name: 'jobs',
  columns: [
    { name: 'id', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
    { name: 'kind', type: 'text' },
    { name: 'state', type: 'text' },
    /** JSON. */
    { name: 'payload', type: 'text' },
    { name: 'unique_key', type: 'text', isNullable: true },
    { name: 'actor', type: 'text' },
    /** Of a user that may be gone by now; 0 for the command on the spot. */
    { name: 'account', type: 'integer', isNullable: true },
    { name: 'attempt', type: 'integer' },
    { name: 'lease', type: 'integer' },
    /** JSON. */
    { name: 'progress', type: 'text' },
    { name: 'lines', type: 'integer' },
    { name: 'error', type: 'text', isNullable: true },
    { name: 'created_at', type: 'bigint' },
    { name: 'run_at', type: 'bigint' },
    { name: 'started_at', type: 'bigint', isNullable: true },
    { name: 'heartbeat_at', type: 'bigint', isNullable: true },
    { name: 'cancel_requested_at', type: 'bigint', isNullable: true },
    { name: 'ended_at', type: 'bigint', isNullable: true },
  ],
  indices: [
    { name: 'jobs_waiting', columnNames: ['kind', 'run_at', 'id'], where: "state = 'queued'" },
    { name: 'jobs_unique', columnNames: ['unique_key'], isUnique: true, where: "state IN ('queued', 'running')" },
    { name: 'jobs_by_state', columnNames: ['state', 'id'] },
    { name: 'jobs_by_kind', columnNames: ['kind', 'id'] },
    { name: 'jobs_ended', columnNames: ['ended_at', 'id'], where: 'ended_at IS NOT NULL' },
  ],
});

const lines = new Table({
  name: 'job_lines',
  columns: [
    { name: 'job', type: 'integer', isPrimary: true },
    { name: 'number', type: 'integer', isPrimary: true },
    { name: 'at', type: 'bigint' },
    { name: 'level', type: 'text' },
    { name: 'about', type: 'text' },
    { name: 'text', type: 'text' },
  ],
});

/** Jobs and what they say while they run. */
export class Jobs1764500000010 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'Jobs1764500000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [jobs, lines]) await runner.createTable(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [lines, jobs]) await runner.dropTable(table);
  }
}
