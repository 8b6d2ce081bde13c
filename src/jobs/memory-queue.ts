import { clock } from '../async/clock.js';
import { type Page, pageOf } from '../database/page.js';
import { isEnded, type Job, type JobFilter, type JobLine, type JobWrite, type NewJob } from './job.js';
import type { JobQueue } from './queue.js';

const now = () => new Date(clock.wall());
const byTurn = (one: Job, other: Job) => one.runAt.getTime() - other.runAt.getTime() || one.id - other.id;
const byEnd = (one: Job, other: Job) => Number(one.endedAt) - Number(other.endedAt) || one.id - other.id;

/** The queue in memory, for tests of what stands on it. */
export class MemoryQueue implements JobQueue {
  readonly #jobs = new Map<number, Job>();
  readonly #lines = new Map<number, JobLine[]>();
  #newest = 0;

  async add(job: NewJob): Promise<{ job: Job; added: boolean }> {
    const found = this.#all().find(
      ({ uniqueKey, state }) => uniqueKey !== null && uniqueKey === job.uniqueKey && !isEnded(state),
    );
    if (found !== undefined) return { job: found, added: false };
    const added: Job = {
      ...job,
      ...{ id: ++this.#newest, state: 'queued', attempt: 0, lease: 0, progress: {}, lines: 0, error: null },
      ...{ createdAt: now(), runAt: now(), startedAt: null, heartbeatAt: null, cancelRequestedAt: null, endedAt: null },
    };
    this.#jobs.set(added.id, added);
    return { job: added, added: true };
  }

  async find(id: number): Promise<Job | undefined> {
    return this.#jobs.get(id);
  }

  async page({ kind, state }: JobFilter, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<Job>> {
    const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
    const found = this.#all().filter(
      (job) => job.id < before && (kind ?? job.kind) === job.kind && (state ?? job.state) === job.state,
    );
    return pageOf(found.reverse(), limit, ({ id }) => String(id));
  }

  async lines(id: number, behind: number, limit: number): Promise<JobLine[]> {
    return (this.#lines.get(id) ?? []).filter(({ number }) => number > behind).slice(0, limit);
  }

  async claim(kind: string, limit: number): Promise<Job[]> {
    const next = this.#waiting(kind).filter(({ runAt }) => runAt <= now());
    return next
      .slice(0, limit)
      .map((job) => {
        const { lease, attempt } = job;
        const begun = { lease: lease + 1, attempt: attempt + 1, startedAt: now(), heartbeatAt: now() };
        return this.#change(job, { state: 'running', ...begun });
      })
      .sort((one, other) => one.id - other.id);
  }

  async nextAt(kind: string): Promise<Date | undefined> {
    return this.#waiting(kind)[0]?.runAt;
  }

  async running(): Promise<Job[]> {
    return this.#all().filter(({ state }) => state === 'running');
  }

  async write(writes: readonly JobWrite[]): Promise<number[]> {
    return writes.filter((write) => !this.#take(write)).map(({ id }) => id);
  }

  async cancel(id: number): Promise<Job | undefined> {
    const job = this.#jobs.get(id);
    if (job?.state === 'queued')
      return this.#change(job, { state: 'cancelled', cancelRequestedAt: now(), endedAt: now() });
    if (job?.state === 'running' && job.cancelRequestedAt === null)
      return this.#change(job, { cancelRequestedAt: now() });
    return job;
  }

  async failUnknown(kinds: readonly string[]): Promise<void> {
    for (const job of this.#all())
      if (job.state === 'queued' && !kinds.includes(job.kind))
        this.#change(job, { state: 'failed', error: 'there is no such kind of job any more', endedAt: now() });
  }

  async removeEnded(before: Date, kept: number, limit: number): Promise<number> {
    const ended = this.#all()
      .filter(({ state }) => isEnded(state))
      .sort(byEnd);
    const beyond = ended.length - kept;
    const going = ended
      .filter(({ endedAt }, place) => place < beyond || Number(endedAt) < before.getTime())
      .slice(0, limit);
    for (const { id } of going) {
      this.#jobs.delete(id);
      this.#lines.delete(id);
    }
    return going.length;
  }

  #all(): Job[] {
    return [...this.#jobs.values()];
  }

  #waiting(wanted: string): Job[] {
    return this.#all()
      .filter(({ kind, state }) => kind === wanted && state === 'queued')
      .sort(byTurn);
  }

  #take({ id, lease, progress, lines, outcome }: JobWrite): boolean {
    const job = this.#jobs.get(id);
    if (job?.state !== 'running' || job.lease !== lease) return false;
    this.#lines.set(id, [...(this.#lines.get(id) ?? []), ...lines]);
    const again = outcome?.state === 'queued' && job.cancelRequestedAt === null ? outcome : undefined;
    const state = outcome === undefined ? 'running' : outcome.state !== 'queued' ? outcome.state : again?.state;
    this.#change(job, {
      progress,
      state: state ?? 'cancelled',
      lines: job.lines + lines.length,
      heartbeatAt: now(),
      error: outcome === undefined ? job.error : outcome.error,
      runAt: again?.runAt ?? job.runAt,
      attempt: again?.uncounted ? job.attempt - 1 : job.attempt,
      endedAt: outcome === undefined || again !== undefined ? null : now(),
    });
    return true;
  }

  #change(job: Job, change: Partial<Job>): Job {
    const changed = { ...job, ...change };
    this.#jobs.set(job.id, changed);
    return changed;
  }
}
