import { Failure } from '../errors/failure.js';

/**
 * Group commit: many commits, one sync of the write-ahead log. Callers that arrive while a sync is running share the next one,
 * because the running one may have started before their frames were written.
 * The log is only as good as its weakest frame, so the first failed sync is final: from then on everybody gets STORAGE_UNAVAILABLE.
 */
export class LogSync {
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failure: Failure | undefined;

  /** @param sync makes everything written to the log so far durable. */
  constructor(
    private readonly sync: () => Promise<void>,
    private readonly failed: (cause: unknown) => void,
  ) {}

  /** Resolves when everything committed before the call is on the disk. */
  durable(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  /** Throws once the log can no longer be trusted. */
  assertTrusted(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Nothing is acknowledged any more until the process restarts and SQLite recovers what the log really holds. */
  distrust(cause: unknown): Failure {
    if (this.#failure === undefined) {
      this.#failure = new Failure('STORAGE_UNAVAILABLE', { cause });
      this.failed(cause);
    }
    return this.#failure;
  }

  async #start(): Promise<void> {
    this.assertTrusted();
    this.#next = undefined;
    this.#running = this.sync();
    try {
      await this.#running;
    } catch (cause) {
      throw this.distrust(cause);
    } finally {
      this.#running = undefined;
    }
    this.assertTrusted();
  }
}
