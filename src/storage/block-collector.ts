import { type BlockPool, blockSize } from './block-pool.js';
import { GatheredBytes } from './gathered-bytes.js';
import { release } from './release.js';

/** Bytes up to which chunks need no block: the few that a slow client sends at a time. */
const worthABlock = 128 << 10;
/** Milliseconds after which a block that does not fill goes on as it is: a slow client's bytes belong on the disk too. */
const patienceMs = 50;
/** Blocks of one collector that are taken care of at a time: while some are written others are hashed, and nobody waits for a thread to wake. */
const mostUnderWay = 4;

/**
 * Gathers a sequence of chunks into large blocks: while some are being taken care of the next one is collected. Chunks
 * are copied, because they would otherwise live until the collector of garbage finds them, and many uploads would be as
 * many times their size in memory. A collector never waits for a block while somebody waits for it to finish one.
 */
export class BlockCollector {
  readonly #chunks = new GatheredBytes();
  #block: Buffer | undefined;
  #bytes = 0;
  /** Of what is being taken care of; none of them rejects. */
  readonly #underWay = new Set<Promise<void>>();
  /** Of the first that failed; nothing is taken any more. */
  #failure: { readonly error: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param sink gets the bytes in pieces, one after the other and at most four at a time; they are its own until it resolves
   */
  constructor(
    private readonly pool: BlockPool,
    private readonly sink: (chunks: readonly Uint8Array[], bytes: number) => Promise<void>,
  ) {}

  /** Takes a chunk, and its memory; undefined when the next may come at once. Rejects with the failure of what went on before. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#block !== undefined && this.#bytes + chunk.length < blockSize) {
      this.#copy(chunk, this.#block);
      release(chunk);
      return undefined;
    }
    this.#arm();
    if (this.#block === undefined && this.#bytes + chunk.length <= worthABlock) {
      this.#chunks.add(chunk);
      this.#bytes += chunk.length;
      return undefined;
    }
    return this.#fill(chunk);
  }

  /** Hands on the rest and resolves when everything is done. */
  async end(): Promise<void> {
    await this.#flush();
    await Promise.all(this.#underWay);
    this.#check();
  }

  /** Forgets what was collected and resolves when nothing is under way any more, well or badly. */
  async abandon(): Promise<void> {
    this.#drop();
    await Promise.all(this.#underWay);
  }

  async #fill(chunk: Uint8Array): Promise<void> {
    this.#check();
    for (let start = 0; start < chunk.length; ) {
      const block = this.#block ?? (await this.#begin());
      const part = chunk.subarray(start, start + blockSize - this.#bytes);
      this.#copy(part, block);
      start += part.length;
      if (this.#bytes === blockSize) {
        await this.#flush();
      }
    }
  }

  /** `fill` is how memory that threads share is filled with one copy of the processor's; `set` goes word by word. */
  #copy(chunk: Uint8Array, block: Buffer): void {
    block.fill(chunk, this.#bytes, this.#bytes + chunk.length);
    this.#bytes += chunk.length;
  }

  /** A block with what was collected so far, which may have gone on while there was none. */
  async #begin(): Promise<Buffer> {
    const block = await this.pool.take();
    const chunks = this.#chunks.takePieces();
    this.#bytes = 0;
    for (const chunk of chunks) {
      this.#copy(chunk, block);
    }
    this.#block = block;
    this.#arm();
    return block;
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => void this.#flush().catch(() => undefined), patienceMs);
  }

  /** Hands on what was collected, as soon as not too much is under way. */
  async #flush(): Promise<void> {
    while (this.#underWay.size >= mostUnderWay && this.#bytes > 0) {
      await Promise.race(this.#underWay);
    }
    this.#check();
    const { chunks, block, bytes } = this.#take();
    if (bytes === 0) return;
    const work = this.sink(block === undefined ? chunks : [block.subarray(0, bytes)], bytes)
      .catch((error: unknown) => {
        this.#failure ??= { error };
        // Whoever brings bytes may be silent for long before it learns of it; others need the block now.
        this.#drop();
      })
      .finally(() => {
        this.#underWay.delete(work);
        if (block !== undefined) {
          this.pool.give(block);
        }
      });
    this.#underWay.add(work);
  }

  #check(): void {
    if (this.#failure !== undefined) {
      this.#drop();
      throw this.#failure.error;
    }
  }

  #drop(): void {
    const { block } = this.#take();
    if (block !== undefined) {
      this.pool.give(block);
    }
  }

  #take() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const taken = { chunks: this.#chunks.takePieces(), block: this.#block, bytes: this.#bytes };
    this.#block = undefined;
    this.#bytes = 0;
    return taken;
  }
}
