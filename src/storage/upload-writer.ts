import { BlockCollector } from './block-collector.js';
import type { BlockPool } from './block-pool.js';
import { diskFailure } from './disk-failure.js';
import type { DiskReserve } from './disk-reserve.js';
import { forThread } from './for-thread.js';
import type { RunningHash } from './running-hash.js';
import type { SyncedFile } from './synced-file.js';

/** What is in the file of an upload, and the digest of it as far as it is known. */
export interface Written {
  readonly size: number;
  readonly hash: RunningHash | undefined;
}

/** Puts bytes at the end of an upload's file and into its digest, in one pass over memory that all uploads share. */
export class UploadWriter {
  readonly #collector: BlockCollector;
  #size: number;
  #hash: RunningHash | undefined;
  /** The last write that began. One after the other, so that a file never has a gap, however its process ends. */
  #written = Promise.resolve();
  /** What came since; all of it goes with the next write. */
  #waiting: { readonly pieces: Uint8Array[]; bytes: number; readonly written: Promise<void> } | undefined;

  constructor(
    readonly file: SyncedFile,
    before: Written,
    private readonly openHash: () => RunningHash,
    blocks: BlockPool,
    private readonly reserve: DiskReserve,
    private readonly claim: (bytes: number) => void = () => undefined,
  ) {
    this.#size = before.size;
    this.#hash = before.hash;
    this.#collector = new BlockCollector(blocks, (chunks, bytes) => this.#write(chunks, bytes));
  }

  /** Undefined when the next chunk may come at once. Rejects with STORAGE_…, for this chunk or an earlier one. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    return this.#collector.add(chunk);
  }

  /** Resolves when everything is written, though not yet durable. Throws STORAGE_…. */
  async end(): Promise<Written> {
    await this.#collector.end();
    return { size: this.#size, hash: this.#hash };
  }

  /** Resolves when nothing is under way any more. What the file holds behind its former end is of no use. */
  async abandon(): Promise<void> {
    await this.#collector.abandon();
    this.#hash?.drop();
  }

  async #write(chunks: readonly Uint8Array[], bytes: number): Promise<void> {
    this.claim(bytes);
    if (this.#size === 0) {
      this.#hash = this.openHash();
    }
    const written = this.#append(forThread(chunks));
    await allDone(written, this.#hash?.update(chunks));
  }

  #append(piece: Uint8Array): Promise<void> {
    const position = this.#size;
    this.#size += piece.length;
    if (this.#waiting !== undefined) {
      this.#waiting.pieces.push(piece);
      this.#waiting.bytes += piece.length;
      return this.#waiting.written;
    }
    const pieces = [piece];
    const written = this.#written.then(() => this.#writeWaiting(position));
    this.#waiting = { pieces, bytes: piece.length, written };
    this.#written = written;
    return written;
  }

  async #writeWaiting(position: number): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    await this.reserve.write(waiting.bytes, () => this.file.write(waiting.pieces, position));
  }
}

/** Waits for all of them even when one fails, so that nothing is under way any more. */
async function allDone(...works: readonly (Promise<void> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === 'rejected') throw diskFailure(result.reason);
  }
}
