import { createHash, type Hash } from 'node:crypto';

/** Numbers hashed at a time. */
const gathered = 1024;

/** What SQLite's `set_digest(number ORDER BY number)` is made with: the SHA-256 of whole numbers, 8 bytes each. */
export class SetDigest {
  readonly #hash: Hash = createHash('sha256');
  readonly #numbers = new Float64Array(gathered);
  #count = 0;

  add(number: number): this {
    if (this.#count === gathered) this.#empty();
    this.#numbers[this.#count++] = number;
    return this;
  }

  end(): string {
    this.#empty();
    return this.#hash.digest('base64url');
  }

  #empty(): void {
    this.#hash.update(this.#numbers.subarray(0, this.#count));
    this.#count = 0;
  }
}

export function startSetDigest(): SetDigest {
  return new SetDigest();
}
