import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { ofItself } from '../access/origin.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { Repositories } from '../repositories/repositories.js';
import { clearContents } from './contents.store.js';

/**
 * Clears away what removed repositories had: nobody finds it any more, and it goes in small transactions, between which others push.
 * What a crash, or a disk that is full, leaves goes with the next start.
 */
export class RemovedRepositories implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(
    private readonly database: Database,
    private readonly repositories: Repositories,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    repositories.onRemoved((id) => this.clear(id));
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const id of await this.repositories.removed()) void this.clear(id);
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** Of one. Never rejects. */
  async clear(id: number): Promise<void> {
    const running = ofItself(() => this.#clear(id)).catch((error: unknown) =>
      this.log.warn({ error }, 'what a removed repository had not cleared away before the next start'),
    );
    this.#running.add(running);
    await running;
    this.#running.delete(running);
  }

  async #clear(id: number): Promise<void> {
    await clearContents(this.database, id, () => this.#stopped);
    if (!this.#stopped) await this.repositories.forgetRemoved(id);
  }
}
