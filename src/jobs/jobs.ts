import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Page } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import { redact } from '../logging/redact.js';
import { EndedJobs } from './ended-jobs.js';
import { byItself, type Job, type JobFilter, type JobLine, type JobPayload, type JobStarter } from './job.js';
import type { JobKind } from './kind.js';
import type { JobQueue } from './queue.js';
import { type JobLog, JobRunner } from './runner.js';
import { Schedules } from './schedules.js';

/** Throws the refusal when the account may not have jobs run any more. */
export type StillMay = (account: number) => Promise<void>;

/**
 * Work that outlives the request that asked for it, and the process. Rooms tell their kinds of jobs while the program is put together;
 * from then on jobs of them are run, by schedule and on demand, and can be seen, followed and cancelled.
 */
export class Jobs implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #kinds = new Map<string, JobKind>();
  readonly #watchers = new Map<number, Set<() => void>>();
  readonly #runner: JobRunner;
  readonly #schedules: Schedules;
  readonly #ended: EndedJobs;
  #stillMay: StillMay | undefined;

  constructor(
    private readonly queue: JobQueue,
    log: JobLog,
  ) {
    const kinds = this.#kinds;
    this.#ended = new EndedJobs(queue, log);
    this.#runner = new JobRunner({
      ...{ queue, kinds, log },
      question: ({ account }) => (account === null ? undefined : () => this.#askOf(account)),
      told: (id) => this.#told(id),
      ended: () => this.#ended.lookSoon(),
    });
    this.#schedules = new Schedules({
      ...{ kinds, log },
      last: async (kind) => (await queue.page({ kind }, { limit: 1 })).items[0]?.createdAt,
      make: async (kind, { payload }) => {
        const given = await payload();
        if (given !== undefined) await this.add(kind, given, byItself);
      },
    });
  }

  /** To be called while the program is put together. */
  register<Payload extends JobPayload>(kind: JobKind<Payload>): void {
    if (this.#kinds.has(kind.name)) throw new Error(`there are two kinds of jobs called ${kind.name}`);
    // Given only what its own parse made.
    this.#kinds.set(kind.name, kind as unknown as JobKind);
  }

  /** Who is asked whether an account still may, as long as a job runs that it began. To be called while the program is put together. */
  ask(stillMay: StillMay): void {
    this.#stillMay = stillMay;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#runner.start();
    await this.#schedules.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.#schedules.stop();
    this.#ended.stop();
    await this.#runner.stop();
  }

  /** The kinds that can be run on demand, by name. */
  get onDemand(): string[] {
    return [...this.#kinds.values()].flatMap(({ name, onDemand }) => (onDemand === undefined ? [] : [name])).sort();
  }

  /**
   * Has a job run as soon as there is room for it. When one of the same key has not ended, nothing is added, and that one is the answer.
   * Throws VALIDATION_FAILED for a payload that is none of this kind, and an error of the program for one that holds a secret.
   */
  async add(
    name: string,
    payload: JobPayload,
    by: JobStarter,
  ): Promise<{ readonly job: Job; readonly added: boolean }> {
    const kind = this.#kinds.get(name);
    if (kind === undefined) throw new Error(`no kind of jobs is called ${name}`);
    const parsed = kind.parse(payload);
    if (JSON.stringify(redact(parsed)) !== JSON.stringify(parsed)) throw new Error(`a secret in a job of ${name}`);
    const uniqueKey = kind.uniqueKey?.(parsed) ?? (kind.schedule === undefined ? null : name);
    const { actor, account } = by;
    const answer = await this.queue.add({ kind: name, payload: parsed, uniqueKey, actor, account });
    if (answer.added) this.#runner.wake();
    return answer;
  }

  /** As {@link add}, of a kind that can be run by its name alone. Throws VALIDATION_FAILED when it cannot. */
  async run(name: string, by: JobStarter): Promise<{ readonly job: Job; readonly added: boolean }> {
    const payload = this.#kinds.get(name)?.onDemand;
    if (payload !== undefined) return this.add(name, payload, by);
    const message = `kind must be one of ${this.onDemand.join(', ')}`;
    throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/kind', message }] });
  }

  /** Throws NOT_FOUND. */
  async get(id: number): Promise<Job> {
    const job = await this.queue.find(id);
    if (job === undefined) throw new Failure('NOT_FOUND');
    return job;
  }

  /** The latest first. */
  page(filter: JobFilter, place: { readonly limit: number; readonly cursor?: string }): Promise<Page<Job>> {
    return this.queue.page(filter, place);
  }

  /** The lines behind this number, in order. */
  lines(id: number, behind: number, limit: number): Promise<JobLine[]> {
    return this.queue.lines(id, behind, limit);
  }

  /** Ends one that waits; one that runs is told to, and has come to rest within two seconds. Changes nothing of one that has ended. Throws NOT_FOUND. */
  async cancel(id: number): Promise<Job> {
    const job = await this.queue.cancel(id);
    if (job === undefined) throw new Failure('NOT_FOUND');
    if (job.state === 'running') this.#runner.cancel(id);
    else this.#ended.lookSoon();
    this.#told(id);
    return job;
  }

  /** Calls `told` whenever something of the job was written down, until the function that it answers is called. `told` must not throw. */
  watch(id: number, told: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(told));
    return () => {
      watchers.delete(told);
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
    };
  }

  #told(id: number): void {
    for (const told of this.#watchers.get(id) ?? []) told();
  }

  async #askOf(account: number): Promise<void> {
    if (this.#stillMay === undefined) throw new Failure('DENIED');
    await this.#stillMay(account);
  }
}
