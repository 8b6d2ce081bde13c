import { rm, writeFile } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { clock } from '../async/clock.js';
import type { ConsumerReport } from '../changes/consumer.js';
import { Consumers } from '../changes/consumers.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Database } from '../database/database.js';
import { isFailure } from '../errors/failure.js';
import { Log } from '../logging/logger.js';
import { diskFailure } from '../storage/disk-failure.js';
import { DiskReserve } from '../storage/disk-reserve.js';

/** `busy`: another program holds the database. `full`: only what is reserved for administration is free. */
export type Condition = 'ok' | 'busy' | 'full' | 'failed';

/** What Berth cannot work without, and whether it works. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<'database' | 'storage', Condition>>;
  /** How far those are who follow what changes; left out where the database does not tell. That they lag is no reason to send nobody here. */
  readonly consumers?: Readonly<Record<string, ConsumerReport>>;
}

/** How long an answer is given again, so that asking often costs nothing. */
const freshMs = 1000;

/** Tells whether a request that needs the database and the disk would succeed now. */
@Injectable()
export class Readiness {
  #latest: Promise<ReadinessReport> | undefined;
  #askedAt = 0;

  constructor(
    private readonly database: Database,
    private readonly dataDirectory: DataDirectory,
    private readonly reserve: DiskReserve,
    @Inject(Consumers) private readonly consumers: Pick<Consumers, 'report'>,
    private readonly log: Log,
  ) {}

  report(): Promise<ReadinessReport> {
    const now = clock.steady();
    if (!this.#latest || now - this.#askedAt > freshMs) {
      this.#askedAt = now;
      this.#latest = this.#check();
    }
    return this.#latest;
  }

  async #check(): Promise<ReadinessReport> {
    const [database, storage] = await Promise.all([
      // An empty write, because after a failed sync of the log reads go on and writes do not.
      this.#attempt('database', () => this.database.write(async () => undefined)),
      this.#attempt('storage', () => this.#writeSomething()),
    ]);
    const consumers = await this.consumers.report().catch(() => undefined); // the database is checked above
    return {
      ready: database === 'ok' && storage === 'ok',
      checks: { database, storage },
      ...(consumers && { consumers }),
    };
  }

  async #writeSomething(): Promise<void> {
    await this.reserve.check();
    const file = this.dataDirectory.file('.ready');
    await rm(file, { recursive: true, force: true });
    await writeFile(file, 'written by /readyz\n', { mode: 0o600, flag: 'wx' });
    await rm(file);
  }

  async #attempt(check: string, work: () => Promise<unknown>): Promise<Condition> {
    try {
      await work();
      return 'ok';
    } catch (error) {
      const condition = conditionAfter(error);
      this.log.error({ check, condition, error }, 'not ready');
      return condition;
    }
  }
}

function conditionAfter(error: unknown): Condition {
  if (isFailure(error, 'DATABASE_BUSY')) return 'busy';
  return isFailure(diskFailure(error), 'STORAGE_FULL') ? 'full' : 'failed';
}
