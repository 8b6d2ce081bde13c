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
   * Runs `work` as the only one who writes or seals. Throws RANGE_INVALID while somebody else does, and BLOB_UPLOAD_UNKNOWN
   * when the upload is discarded before the work is done.
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.#requireKept();
    if (this.#busy) {
      throw new Failure('RANGE_INVALID', { message: 'another request is writing to this upload' });
    }
    this.#busy = true;
    try {
      const result = await work();
      this.#requireKept();
      return result;
    } finally {
      this.#busy = false;
      this.#breakOff = undefined;
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
    if (this.#discarded) {
      throw unknown();
    }
  }
}

function unknown(): Failure {
  return new Failure('BLOB_UPLOAD_UNKNOWN');
}
