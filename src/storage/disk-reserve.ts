import { statfs } from 'node:fs/promises';
import { clock } from '../async/clock.js';
import { Failure } from '../errors/failure.js';
import { blockSize } from './block-pool.js';
import { diskFailure } from './disk-failure.js';

/** Milliseconds for which a look at the disk counts. */
const freshMs = 1000;
/** What is kept back when nobody says how much: this share of the disk, and no more than so many bytes. */
const usualShare = 0.02;
const usualMost = 2 ** 30;
/** Of a small disk this share, up to so many bytes: what rows and their log take does not get smaller with the disk. */
const smallShare = 1 / 8;
const usualLeast = 64 * 2 ** 20;
/** Bytes that a change of a few rows takes at most, about: pages of several indexes, in the log and in the database. */
const rowsBytes = 64 * 1024;

/**
 * Bytes that are kept back on the file system of `directory`; 0 where it does not know its size.
 * @param reserve as in {@link DiskReserve}
 */
export async function reservedBytes(directory: string, reserve: number | undefined): Promise<number> {
  if (reserve === 0) return 0;
  const { blocks, bsize } = await statfs(directory);
  return reservedOf(blocks * bsize, reserve);
}

function reservedOf(size: number, reserve: number | undefined): number {
  if (size === 0) return 0;
  return reserve ?? Math.min(usualMost, Math.max(size * usualShare, Math.min(usualLeast, size * smallShare)));
}

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
  /** Bytes that were ever claimed. */
  #claimed = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  /**
   * @param directory on the file system in question
   * @param reserve in bytes; undefined: two hundredths of the disk, 1 GiB at most, and of a small one an eighth, up to 64 MiB;
   *   0: none, and the disk is not looked at
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
    const claim = () => {
      this.#take(bytes);
      this.#underWay += bytes;
    };
    if (this.#isKnown(bytes)) claim();
    else await this.#requireRoom(bytes, claim);
    try {
      return await work();
    } finally {
      this.#underWay -= bytes;
    }
  }

  /** Counts a change of a few rows that is about to be written. At once when the room is known. Throws as {@link check}. */
  spendRows(): void | Promise<void> {
    const claim = () => this.#take(rowsBytes);
    if (!this.#isKnown(rowsBytes)) return this.#requireRoom(rowsBytes, claim);
    claim();
  }

  #isKnown(bytes: number): boolean {
    return this.#room >= bytes && clock.steady() - this.#lookedAt < freshMs;
  }

  #take(bytes: number): void {
    this.#room -= bytes;
    this.#claimed += bytes;
  }

  /** @param claim runs when there is room, before anybody else is told so: of a hundred who wait for one look only some find room */
  async #requireRoom(bytes: number, claim: () => void = () => undefined): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    if (this.#room < bytes) throw new Failure('STORAGE_FULL', { cause: new Error('the rest of the disk is reserved') });
    claim();
  }

  async #look(): Promise<void> {
    // What is claimed or written during the look may count twice, which errs on the safe side.
    const [underWay, claimed] = [this.#underWay, this.#claimed];
    try {
      const { bavail, blocks, bsize } = await statfs(this.directory);
      const known = underWay + this.#claimed - claimed;
      // A file system that does not know its size, as some that are mounted from elsewhere, has no reserve.
      this.#room =
        blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize - reservedOf(blocks * bsize, this.reserve) - known;
      this.#lookedAt = clock.steady();
    } catch (error) {
      throw diskFailure(error);
    }
  }
}
