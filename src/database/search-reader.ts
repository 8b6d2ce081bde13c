import { clock } from '../async/clock.js';
import { FairQueue } from '../async/fair-queue.js';
import { Failure } from '../errors/failure.js';
import type { SqlValue } from './database.js';
import { SearchProcess, type SearchProcessOptions, type SearchQuestion } from './search-process.js';
import { type Seeker, systemSeeker } from './seeker.js';

export interface SearchReaderOptions extends SearchProcessOptions {
  /** Milliseconds without a question after which the processes end and give their memory back. */
  readonly idleAfter?: number;
  /** Milliseconds a search may take, and as many it may wait for its turn. */
  readonly longest?: number;
  /** Searches of one seeker that may wait. */
  readonly mostWaiting?: number;
}

interface Asked extends SearchQuestion {
  readonly by: Seeker;
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: unknown) => void;
  /** When it began to run. */
  began?: number;
  overdue?: NodeJS.Timeout;
  gone?: () => void;
}

/** The second is for those who would wait behind a long search of somebody else. */
const mostProcesses = 2;
/** Milliseconds a search runs before the second process is started for others. */
const longEnough = 200;
/** Milliseconds after which a search whose seeker is gone is cut; one that is nearly through costs less than another process. */
const cutAfter = 500;
/** Searches that may wait in all. */
const mostOfAll = 2000;

/**
 * Searches, in processes of their own, so that one over a million rows holds up no request and can be ended at any moment. The first
 * process starts with the first question; all end when nobody has asked for a while. Seekers take turns, and each has one search under
 * way at a time: whoever asks for much waits for themselves.
 */
export class SearchReader {
  readonly #queue: FairQueue<Asked>;
  readonly #processes = new Map<SearchProcess, Asked | undefined>();
  readonly #longest: number;
  #idle: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: SearchReaderOptions) {
    this.#queue = new FairQueue({ perKey: options.mostWaiting ?? 250, total: mostOfAll });
    this.#longest = options.longest ?? 10_000;
  }

  /** Whether a process is there. */
  get running(): boolean {
    return this.#processes.size > 0;
  }

  /**
   * Throws TOO_MANY_REQUESTS when too much waits, SEARCH_TIMEOUT when it takes too long or its turn does not come, and an AbortError
   * when the seeker is gone.
   */
  async ask<Row>(sql: string, values: readonly SqlValue[], by: Seeker = systemSeeker): Promise<Row[]> {
    if (this.#closed) throw closed();
    by.gone?.throwIfAborted();
    const rows = await new Promise<unknown[]>((resolve, reject) => {
      const asked: Asked = { sql, values, by, resolve, reject };
      asked.overdue = setTimeout(() => this.#giveUp(asked, tooLong()), this.#longest);
      asked.gone = () => this.#leave(asked);
      by.gone?.addEventListener('abort', asked.gone, { once: true });
      const refused = this.#queue.add(by.key, asked);
      if (refused !== undefined) settle(refused).reject(tooMany());
      this.#dispatch();
    });
    return rows as Row[]; // what the query selects is the asker's to know, as with every query
  }

  /** Ends the processes; questions still waiting fail. */
  async close(): Promise<void> {
    this.#closed = true;
    for (let asked = this.#queue.take(); asked !== undefined; asked = this.#queue.take())
      settle(asked).reject(closed());
    await this.#endAll();
  }

  #dispatch(): void {
    clearTimeout(this.#look);
    clearTimeout(this.#idle);
    while (!this.#closed && this.#queue.size > 0) {
      const process = this.#freeProcess();
      if (process === undefined) return;
      const busy = new Set([...this.#processes.values()].map((asked) => asked?.by.key));
      const asked = this.#queue.take((key) => !busy.has(key));
      if (asked === undefined) return;
      void this.#run(process, asked);
    }
    if ([...this.#processes.values()].every((asked) => asked === undefined))
      this.#idle = setTimeout(() => void this.#endAll(), this.options.idleAfter ?? 10_000).unref();
  }

  /** Undefined when none is free and it is no time yet to start another. */
  #freeProcess(): SearchProcess | undefined {
    for (const [process, asked] of this.#processes) if (asked === undefined) return process;
    if (this.#processes.size >= mostProcesses) return undefined;
    const began = Math.min(...[...this.#processes.values()].map((asked) => asked?.began ?? 0));
    const early = began + longEnough - clock.steady();
    if (this.#processes.size > 0 && early > 0) {
      this.#look = setTimeout(() => this.#dispatch(), early);
      return undefined;
    }
    const process = new SearchProcess(this.options);
    this.#processes.set(process, undefined);
    return process;
  }

  async #run(process: SearchProcess, asked: Asked): Promise<void> {
    this.#processes.set(process, asked);
    asked.began = clock.steady();
    clearTimeout(asked.overdue);
    asked.overdue = setTimeout(() => void process.end(tooLong()), this.#longest);
    try {
      const rows = await process.ask(asked);
      settle(asked).resolve(rows);
    } catch (error) {
      settle(asked).reject(error);
    }
    if (process.over) this.#processes.delete(process);
    else this.#processes.set(process, undefined);
    this.#dispatch();
  }

  /** Nobody waits for it any more. */
  #leave(asked: Asked): void {
    if (asked.began === undefined) {
      this.#giveUp(asked, asked.by.gone?.reason);
      return;
    }
    const [process] = [...this.#processes].find(([, running]) => running === asked) ?? [];
    if (process === undefined) return;
    const cut = () => void process.end(asked.by.gone?.reason);
    clearTimeout(asked.overdue);
    asked.overdue = setTimeout(cut, Math.max(0, asked.began + cutAfter - clock.steady()));
  }

  /** Of what waits still. */
  #giveUp(asked: Asked, reason: unknown): void {
    if (this.#queue.remove(asked.by.key, asked)) settle(asked).reject(reason);
  }

  async #endAll(): Promise<void> {
    clearTimeout(this.#idle);
    clearTimeout(this.#look);
    const processes = [...this.#processes.keys()];
    this.#processes.clear();
    await Promise.all(processes.map((process) => process.end(closed())));
  }
}

/** It is about to be answered, one way or the other. */
function settle(asked: Asked): Pick<Asked, 'resolve' | 'reject'> {
  clearTimeout(asked.overdue);
  if (asked.gone !== undefined) asked.by.gone?.removeEventListener('abort', asked.gone);
  return asked;
}

function tooLong(): Failure {
  return new Failure('SEARCH_TIMEOUT', { headers: { 'Retry-After': '30' } });
}

function tooMany(): Failure {
  return new Failure('TOO_MANY_REQUESTS', { headers: { 'Retry-After': '2' } });
}

function closed(): Error {
  return new Error('the database is closed');
}
