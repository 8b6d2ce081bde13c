import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Text that may wait for a reader that stopped reading; lines beyond it are dropped rather than held in memory. */
const mostWaiting = 4 * 1024 * 1024;
const retryMs = 20;
/** A write of its own for each line would cost more than the line. */
const gatherMs = 5;
const triesAtExit = 100;

/**
 * Lines to a file descriptor without ever making the caller wait: what comes within a few milliseconds, or while a write
 * is under way, goes with the next. A full disk or a closed pipe costs lines, never the process. {@link flush} writes the rest at exit.
 */
export class LineWriter implements DestinationStream {
  #lines: string[] = [];
  #waiting = 0;
  /** What the next attempt sends; while `underWay` it belongs to the system. */
  #chunk: Buffer | undefined;
  #underWay = false;
  #gathering: NodeJS.Timeout | undefined;

  constructor(private readonly descriptor: number) {}

  write(line: string): void {
    if (this.#waiting > mostWaiting) return;
    this.#lines.push(line);
    this.#waiting += line.length;
    if (this.#chunk === undefined) this.#gathering ??= setTimeout(() => this.#next(), gatherMs).unref();
  }

  /** Writes what waits, synchronously, for at most two seconds if nobody reads it. */
  flush(): void {
    let rest = Buffer.from(this.#lines.join(''));
    if (this.#chunk && !this.#underWay) rest = Buffer.concat([this.#chunk, rest]);
    this.#lines = [];
    this.#waiting = 0;
    for (let tries = 0; rest.length > 0 && tries < triesAtExit; ) {
      try {
        rest = rest.subarray(writeSync(this.descriptor, rest));
      } catch (error) {
        if (!isBusy(error)) return;
        tries++;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      }
    }
  }

  #next(): void {
    this.#gathering = undefined;
    this.#chunk = this.#lines.length > 0 ? Buffer.from(this.#lines.join('')) : undefined;
    this.#lines = [];
    this.#waiting = 0;
    this.#send();
  }

  #send(): void {
    const chunk = this.#chunk;
    if (!chunk) return;
    this.#underWay = true;
    write(this.descriptor, chunk, (error, written) => {
      this.#underWay = false;
      if (isBusy(error)) {
        setTimeout(() => this.#send(), retryMs).unref();
      } else if (!error && written < chunk.length) {
        this.#chunk = chunk.subarray(written);
        this.#send();
      } else {
        this.#next();
      }
    });
  }
}

/** The reader of a non-blocking pipe has not caught up. */
function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EAGAIN';
}
