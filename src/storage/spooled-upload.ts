import { Failure } from '../errors/failure.js';
import type { DigestAlgorithm } from '../oci/digest.js';
import type { RunningHash } from './running-hash.js';
import type { UploadHead } from './upload-heads.js';

/** What a spool knows of an upload beyond its file. */
export class SpooledUpload {
  /** Of the bytes in the file; undefined when it has to be computed from them (after a restart). */
  hash: RunningHash | undefined;
  #breakOff: ((failure: Failure) => void) | undefined;
  #busy = false;
  /** Where those wait who ask while the append under way gets nothing more, and is not done yet. */
  #waiting: (() => void)[] | undefined;
  #discarded = false;

  /**
   * @param size in bytes
   * @param head all bytes, while they are few; undefined when they are in the file
   */
  constructor(
    readonly algorithm: DigestAlgorithm,
    public size: number,
    public head: UploadHead | undefined,
  ) {}

  /** Whether it is over: what somebody who is busy with it has done since is to be removed. */
  get discarded(): boolean {
    return this.#discarded;
  }

  /**
   * Runs `work` as the only one who writes or seals, after an append whose source is over. Throws RANGE_INVALID while somebody else
   * may still write, and BLOB_UPLOAD_UNKNOWN when the upload is discarded before the work is done.
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting !== undefined) await this.settled();
    this.#requireKept();
    if (this.#busy) throw new Failure('RANGE_INVALID', { message: 'another request is writing to this upload' });
    this.#busy = true;
    try {
      const result = await work();
      this.#requireKept();
      return result;
    } finally {
      this.#busy = false;
      this.#breakOff = undefined;
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const go of waiting) go();
      if (this.#discarded) {
        this.forget();
      }
    }
  }

  /** @param end breaks off the append that is under way: a discarded upload does not wait for the end of its source */
  endedBy(end: (failure: Failure) => void): void {
    this.#breakOff = end;
    if (this.#discarded) {
      end(unknown());
    }
  }

  /** The append under way gets nothing more: from now on whoever asks waits for what became of it. */
  over(): void {
    if (this.#busy) this.#waiting ??= [];
  }

  /** Waits for an append whose source is over, so that the size is one that holds. */
  async settled(): Promise<void> {
    while (this.#waiting !== undefined) await new Promise<void>((go) => this.#waiting?.push(go));
  }

  /** Whoever is busy with it stops. */
  discard(): void {
    this.#discarded = true;
    this.#breakOff?.(unknown());
    if (!this.#busy) {
      this.forget();
    }
  }

  /** Gives back what it took beside its file. */
  forget(): void {
    this.hash?.drop();
    this.head?.truncate(0);
  }

  #requireKept(): void {
    if (this.#discarded) throw unknown();
  }
}

function unknown(): Failure {
  return new Failure('BLOB_UPLOAD_UNKNOWN');
}
