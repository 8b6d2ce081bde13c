import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import type { Database, PreparedRead } from '../database/database.js';
import { itemOf, listed, listOf } from '../database/dialect.js';
import { type Page, pageOf } from '../database/page.js';
import type { Job, JobFilter, JobLine, JobPayload, JobProgress, JobState, JobWrite, NewJob } from './job.js';
import type { JobQueue } from './queue.js';

interface Row
  extends Pick<Job, 'id' | 'kind' | 'state' | 'actor' | 'account' | 'attempt' | 'lease' | 'lines' | 'error'> {
  readonly payload: string;
  readonly unique_key: string | null;
  readonly progress: string;
  readonly created_at: number;
  readonly run_at: number;
  readonly started_at: number | null;
  readonly heartbeat_at: number | null;
  readonly cancel_requested_at: number | null;
  readonly ended_at: number | null;
}

type LineRow = Omit<JobLine, 'at'> & { readonly at: number };

/** For the test that looks at plans. */
export const jobQueries = {
  find: 'SELECT * FROM jobs WHERE id = ?',
  all: 'SELECT * FROM jobs WHERE id < ? ORDER BY id DESC LIMIT ?',
  ofKind: 'SELECT * FROM jobs WHERE kind = ? AND id < ? ORDER BY id DESC LIMIT ?',
  inState: 'SELECT * FROM jobs WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?',
  ofKindInState: 'SELECT * FROM jobs WHERE kind = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ?',
  lines: 'SELECT number, at, level, about, text FROM job_lines WHERE job = ? AND number > ? ORDER BY number LIMIT ?',
  nextAt: "SELECT run_at FROM jobs WHERE state = 'queued' AND kind = ? ORDER BY run_at, id LIMIT 1",
  running: "SELECT * FROM jobs WHERE state = 'running' ORDER BY id",
  unknown: `SELECT id FROM jobs WHERE state = 'queued' AND kind NOT IN (SELECT ${itemOf('kinds')} FROM ${listed('kinds')}) LIMIT 1`,
  ended: `SELECT id FROM jobs WHERE ended_at IS NOT NULL AND (ended_at < ? OR (ended_at, id) <= (
      SELECT ended_at, id FROM jobs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT 1 OFFSET ?))
    ORDER BY ended_at, id LIMIT ?`,
};

const unknownKind = 'there is no such kind of job any more';

/** The tables `jobs` and `job_lines`. */
export class JobsStore implements JobQueue {
  readonly #find: PreparedRead<Row>;
  readonly #all: PreparedRead<Row>;
  readonly #ofKind: PreparedRead<Row>;
  readonly #inState: PreparedRead<Row>;
  readonly #ofKindInState: PreparedRead<Row>;
  readonly #lines: PreparedRead<LineRow>;
  readonly #nextAt: PreparedRead<{ run_at: number }>;
  readonly #running: PreparedRead<Row>;
  readonly #unknown: PreparedRead<unknown>;
  readonly #ended: PreparedRead<{ id: number }>;

  constructor(private readonly database: Database) {
    this.#find = database.prepare(jobQueries.find);
    this.#all = database.prepare(jobQueries.all);
    this.#ofKind = database.prepare(jobQueries.ofKind);
    this.#inState = database.prepare(jobQueries.inState);
    this.#ofKindInState = database.prepare(jobQueries.ofKindInState);
    this.#lines = database.prepare(jobQueries.lines);
    this.#nextAt = database.prepare(jobQueries.nextAt);
    this.#running = database.prepare(jobQueries.running);
    this.#unknown = database.prepare(jobQueries.unknown);
    this.#ended = database.prepare(jobQueries.ended);
  }

  async add({ kind, payload, uniqueKey, actor, account }: NewJob): Promise<{ job: Job; added: boolean }> {
    const now = clock.wall();
    return this.database.write(async (tx) => {
      const [added] = await tx.sql<Row[]>`
        INSERT INTO jobs (kind, state, payload, unique_key, actor, account, attempt, lease, progress, lines, created_at, run_at)
        VALUES (${kind}, 'queued', ${JSON.stringify(payload)}, ${uniqueKey}, ${actor}, ${account}, 0, 0, '{}', 0, ${now}, ${now})
        ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING
        RETURNING *`;
      if (added !== undefined) return { job: toJob(added), added: true };
      const [found] = await tx.sql<Row[]>`
        SELECT * FROM jobs WHERE unique_key = ${uniqueKey} AND state IN ('queued', 'running')`;
      if (found === undefined) throw new Error('a job was neither added nor found');
      return { job: toJob(found), added: false };
    });
  }

  async find(id: number): Promise<Job | undefined> {
    const row = await this.#find.find(id);
    return row && toJob(row);
  }

  async page({ kind, state }: JobFilter, place: { limit: number; cursor?: string }): Promise<Page<Job>> {
    const before = place.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(place.cursor);
    const limit = place.limit + 1;
    let rows: Row[];
    if (kind !== undefined && state !== undefined) rows = await this.#ofKindInState.list(kind, state, before, limit);
    else if (kind !== undefined) rows = await this.#ofKind.list(kind, before, limit);
    else if (state !== undefined) rows = await this.#inState.list(state, before, limit);
    else rows = await this.#all.list(before, limit);
    return pageOf(rows.map(toJob), place.limit, ({ id }) => String(id));
  }

  async lines(id: number, behind: number, limit: number): Promise<JobLine[]> {
    const rows = await this.#lines.list(id, behind, limit);
    return rows.map((row) => ({ ...row, at: new Date(row.at) }));
  }

  async claim(kind: string, limit: number): Promise<Job[]> {
    const now = clock.wall();
    const next = await this.#nextAt.find(kind);
    if (next === undefined || next.run_at > now) return [];
    const rows = await this.database.write(
      (tx) => tx.sql<Row[]>`
        UPDATE jobs SET state = 'running', lease = lease + 1, attempt = attempt + 1, started_at = ${now}, heartbeat_at = ${now}
        WHERE id IN (SELECT id FROM jobs WHERE state = 'queued' AND kind = ${kind} AND run_at <= ${now}
          ORDER BY run_at, id LIMIT ${limit})
        RETURNING *`,
    );
    return rows.map(toJob).sort((one, other) => one.id - other.id);
  }

  async nextAt(kind: string): Promise<Date | undefined> {
    const row = await this.#nextAt.find(kind);
    return row && new Date(row.run_at);
  }

  async running(): Promise<Job[]> {
    return (await this.#running.list()).map(toJob);
  }

  async write(writes: readonly JobWrite[]): Promise<number[]> {
    return this.database.write(async (tx) => {
      const lost: number[] = [];
      for (const write of writes) if (!(await take(tx, write))) lost.push(write.id);
      return lost;
    });
  }

  async cancel(id: number): Promise<Job | undefined> {
    const now = clock.wall();
    return this.database.write(async (tx) => {
      await tx.sql`UPDATE jobs SET state = 'cancelled', cancel_requested_at = ${now}, ended_at = ${now}
        WHERE id = ${id} AND state = 'queued'`;
      await tx.sql`UPDATE jobs SET cancel_requested_at = ${now}
        WHERE id = ${id} AND state = 'running' AND cancel_requested_at IS NULL`;
      const [row] = await tx.sql<Row[]>`SELECT * FROM jobs WHERE id = ${id}`;
      return row && toJob(row);
    });
  }

  async failUnknown(kinds: readonly string[]): Promise<void> {
    if ((await this.#unknown.find(listOf(kinds))) === undefined) return;
    const now = clock.wall();
    await this.database.write(
      (tx) => tx.sql`UPDATE jobs SET state = 'failed', error = ${unknownKind}, ended_at = ${now}
        WHERE state = 'queued' AND kind NOT IN (${() => [...kinds]})`,
    );
  }

  async removeEnded(before: Date, kept: number, limit: number): Promise<number> {
    const going = await this.#ended.list(before.getTime(), kept, limit);
    if (going.length === 0) return 0;
    await this.database.write(async (tx) => {
      for (const { id } of going) {
        await tx.sql`DELETE FROM job_lines WHERE job = ${id}`;
        await tx.sql`DELETE FROM jobs WHERE id = ${id}`;
      }
    });
    return going.length;
  }
}

/** False, and nothing is written, when the lease is not the job's any more. */
async function take(tx: EntityManager, { id, lease, progress, lines, outcome }: JobWrite): Promise<boolean> {
  const now = clock.wall();
  const state: JobState = outcome?.state ?? 'running';
  const again = outcome?.state === 'queued' ? outcome : undefined;
  const taken = await tx.sql<{ state: JobState }[]>`
    UPDATE jobs SET progress = ${JSON.stringify(progress)}, lines = lines + ${lines.length}, heartbeat_at = ${now},
      state = CASE WHEN ${state} = 'queued' AND cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE ${state} END,
      ended_at = CASE WHEN ${state} = 'queued' AND cancel_requested_at IS NULL OR ${state} = 'running' THEN NULL ELSE ${now} END,
      error = CASE WHEN ${state} = 'running' THEN error ELSE ${outcome?.error ?? null} END,
      run_at = COALESCE(${again?.runAt.getTime() ?? null}, run_at), attempt = attempt - ${again?.uncounted ? 1 : 0}
    WHERE id = ${id} AND lease = ${lease} AND state = 'running' RETURNING state`;
  if (taken.length === 0) return false;
  for (const { number, at, level, about, text } of lines)
    await tx.sql`INSERT INTO job_lines (job, number, at, level, about, text)
      VALUES (${id}, ${number}, ${at.getTime()}, ${level}, ${about}, ${text})`;
  return true;
}

function toJob(row: Row): Job {
  const { id, kind, state, actor, account, attempt, lease, lines, error } = row;
  return {
    ...{ id, kind, state, actor, account, attempt, lease, lines, error },
    // Written by add and by take.
    payload: JSON.parse(row.payload) as JobPayload,
    progress: JSON.parse(row.progress) as JobProgress,
    uniqueKey: row.unique_key,
    createdAt: new Date(row.created_at),
    runAt: new Date(row.run_at),
    startedAt: dateOf(row.started_at),
    heartbeatAt: dateOf(row.heartbeat_at),
    cancelRequestedAt: dateOf(row.cancel_requested_at),
    endedAt: dateOf(row.ended_at),
  };
}

const dateOf = (at: number | null): Date | null => (at === null ? null : new Date(at));
