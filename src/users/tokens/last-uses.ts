import { ofItself } from '../../access/origin.js';
import { clock } from '../../async/clock.js';

/** A credential was used. */
export interface Use<Id> {
  readonly id: Id;
  readonly at: Date;
  readonly address: string;
}

/** Milliseconds within which a credential that was used is not written again. */
const writtenEvery = 60_000;
/** Milliseconds that uses wait for others to be written with. */
const gatheredFor = 5000;
/** Most uses in one transaction, which holds up other writes meanwhile. */
const batch = 25;
/** Credentials whose last write is remembered. */
const limit = 10_000;

/**
 * Writes down when credentials were last used, off the path of the requests that use them: each at most once a minute, many in one
 * transaction. What is lost when the process is killed is seconds of "last used".
 */
export class LastUses<Id> {
  readonly #written = new Map<Id, number>();
  readonly #waiting = new Map<Id, Use<Id>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param write one transaction; when it fails the next use tries again. */
  constructor(private readonly write: (uses: readonly Use<Id>[]) => Promise<unknown>) {}

  note(id: Id, address: string): void {
    const at = clock.wall();
    const written = this.#written.get(id);
    // A clock that was set back must not keep uses from being noted until it has caught up.
    if (written !== undefined && at >= written && at - written < writtenEvery) return;
    if (this.#written.size >= limit) this.#written.clear();
    this.#written.set(id, at);
    this.#waiting.set(id, { id, at: new Date(at), address });
    this.#timer ??= setTimeout(() => void this.flush(), gatheredFor).unref();
  }

  /** Writes what waits. Never throws: that a use was not noted is no reason to refuse it. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = [...this.#waiting.values()];
    this.#waiting.clear();
    for (let from = 0; from < uses.length; from += batch) {
      const some = uses.slice(from, from + batch);
      await ofItself(() => this.write(some)).catch(() => {
        for (const { id } of some) this.#written.delete(id);
      });
    }
  }
}
