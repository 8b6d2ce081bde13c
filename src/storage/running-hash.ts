import { createHash } from 'node:crypto';
import type { DigestAlgorithm } from '../oci/digest.js';

/** A digest computed while bytes come. */
export interface RunningHash {
  /** Takes the next bytes. They must not change, and nothing else may be asked, until it resolves. */
  update(chunks: readonly Uint8Array[]): Promise<void>;
  /** The hexadecimal digest of everything so far; more may follow. */
  hex(): Promise<string>;
  /** Forgets it. */
  drop(): void;
}

/** Computed on the calling thread: for what is small, where a message to another one would cost more. */
export class LocalHash implements RunningHash {
  readonly #hash;

  constructor(algorithm: DigestAlgorithm) {
    this.#hash = createHash(algorithm);
  }

  async update(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      this.#hash.update(chunk);
    }
  }

  async hex(): Promise<string> {
    return this.#hash.copy().digest('hex');
  }

  drop(): void {}
}
