import { BlockCollector } from './block-collector.js';
import type { BlockPool } from './block-pool.js';
import { diskFailure } from './disk-failure.js';
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

  constructor(
    readonly file: SyncedFile,
    before: Written,
    private readonly openHash: () => RunningHash,
    blocks: BlockPool,
  ) {
    this.#size = before.size;
    this.#hash = before.hash;
    this.#collector = new BlockCollector(blocks, (chunks, bytes) => this.#write(chunks, bytes));
  }

  /** To be awaited before the next. Throws STORAGE_…, for this chunk or an earlier one. */
  async add(chunk: Uint8Array): Promise<void> {
    await this.#collector.add(chunk);
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
    if (this.#size === 0) {
      this.#hash = this.openHash();
    }
    const position = this.#size;
    this.#size += bytes;
    await allDone(this.file.write(chunks, position), this.#hash?.update(chunks));
  }
}

/** Waits for all of them even when one fails, so that nothing is under way any more. */
async function allDone(...works: readonly (Promise<void> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === 'rejected') {
      throw diskFailure(result.reason);
    }
  }
}
