import { statfs } from 'node:fs/promises';
import { Failure } from '../errors/failure.js';
import { blockSize } from './block-pool.js';
import { diskFailure } from './disk-failure.js';

/** Milliseconds for which a look at the disk counts. */
const freshMs = 1000;
/** What is kept back when nobody says how much: this share of the disk, and no more than so many bytes. */
const usualShare = 0.02;
const usualMost = 2 ** 30;

/**
 * Room on the disk that pushes leave alone, so that signing in, disabling an account, deleting and the record of it work on
 * a disk that is otherwise full. The disk is looked at once a second at most while there is room, and what is written in
 * between is counted.
 */
export class DiskReserve {
  /** Bytes that pushes may still write, as far as is known. */
  #room = Number.NEGATIVE_INFINITY;
  /** Bytes that were claimed and may not be on the disk yet. */
  #underWay = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  /**
   * @param directory on the file system in question
   * @param reserve in bytes; undefined: two hundredths of the disk, 1 GiB at most; 0: none, and the disk is not looked at
   */
  constructor(
    private readonly directory: string,
    private readonly reserve: number | undefined,
  ) {
    if (reserve === 0) this.#room = this.#lookedAt = Number.POSITIVE_INFINITY;
  }

  /** Whether a push may begin: there is room for what one writes at a time. At once when that is known. Throws STORAGE_FULL or STORAGE_UNAVAILABLE. */
  check(): void | Promise<void> {
    if (this.#isKnown(blockSize)) return undefined;
    return this.#requireRoom(blockSize);
  }

  /** Runs `work`, which writes so many bytes. Throws as {@link check}, before it has begun. */
  async write<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (!this.#isKnown(bytes)) await this.#requireRoom(bytes);
    this.#room -= bytes;
    this.#underWay += bytes;
    try {
      return await work();
    } finally {
      this.#underWay -= bytes;
    }
  }

  #isKnown(bytes: number): boolean {
    return this.#room >= bytes && performance.now() - this.#lookedAt < freshMs;
  }

  async #requireRoom(bytes: number): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    if (this.#room < bytes) throw new Failure('STORAGE_FULL', { cause: new Error('the rest of the disk is reserved') });
  }

  async #look(): Promise<void> {
    // What is written during the look counts twice, which errs on the safe side.
    const underWay = this.#underWay;
    try {
      const { bavail, blocks, bsize } = await statfs(this.directory);
      const reserve = this.reserve ?? Math.min(usualMost, blocks * bsize * usualShare);
      // A file system that does not know its size, as some that are mounted from elsewhere, has no reserve.
      this.#room = blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize - reserve - underWay;
      this.#lookedAt = performance.now();
    } catch (error) {
      throw diskFailure(error);
    }
  }
}
