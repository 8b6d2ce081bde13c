import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { MiB, randomBytesOf } from '../../test/support/images.js';

/** A blob of any size that costs one chunk of memory: random bytes over and over behind a head that makes it unique. */
export class BlobSource {
  readonly digest: string;
  readonly #head: Buffer;
  static readonly #chunk = randomBytesOf('bench', MiB);

  constructor(
    seed: string,
    readonly size: number,
  ) {
    this.#head = randomBytesOf(seed, 64);
    const hash = createHash('sha256');
    for (const part of this.#parts()) hash.update(part);
    this.digest = `sha256:${hash.digest('hex')}`;
  }

  stream(): Readable {
    return Readable.from(this.#parts(), { objectMode: false, highWaterMark: MiB });
  }

  *#parts(): Generator<Buffer> {
    yield this.#head;
    for (let left = this.size - this.#head.length; left > 0; left -= MiB) {
      yield left >= MiB ? BlobSource.#chunk : BlobSource.#chunk.subarray(0, left);
    }
  }
}
