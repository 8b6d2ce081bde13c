import { readdir, readFile } from 'node:fs/promises';
import { errorCode } from '../errors/error-code.js';

/** What the system says when it has no descriptor left for us. */
const exhausted = new Set(['EMFILE', 'ENFILE']);
/** Kept free for probes, the administrator and files: an eighth, and at least this many. */
const leastKept = 32;

/**
 * The file descriptors of this process, of which every connection takes one. Where the system does not tell
 * (no /proc), there seems to be no end of them.
 */
export class Descriptors {
  #limit = Number.POSITIVE_INFINITY;
  #others = 0;

  /** Looks anew; the limit may be changed while the process runs. */
  async look(connections: number): Promise<void> {
    try {
      const limits = await readFile('/proc/self/limits', 'utf8');
      const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
      this.#limit = soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
      if (connections + this.#others < this.#limit / 4) return; // the list is long when many are open
      this.#others = Math.max(0, (await readdir('/proc/self/fd')).length - connections);
    } catch (error) {
      if (!exhausted.has(errorCode(error) ?? '')) return;
      this.#others = Math.max(0, this.#limit - connections);
    }
  }

  /** How many of so many connections are too many. */
  excess(connections: number): number {
    if (this.#limit === Number.POSITIVE_INFINITY) return 0;
    const kept = Math.max(leastKept, Math.floor(this.#limit / 8));
    return Math.max(0, connections + this.#others + kept - this.#limit);
  }
}
