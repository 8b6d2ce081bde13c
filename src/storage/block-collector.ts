import { type BlockPool, blockSize } from './block-pool.js';

/** Bytes up to which chunks are kept as they came: the few that a slow client sends at a time need no block. */
const worthABlock = 128 << 10;
/** Milliseconds after which a block that does not fill goes on as it is: a slow client's bytes belong on the disk too. */
const patienceMs = 50;

/**
 * Gathers a sequence of chunks into large blocks: while one block is being taken care of the next one is collected. Chunks
 * are copied, because they would otherwise live until the collector of garbage finds them, and many uploads would be as
 * many times their size in memory. A collector never waits for a block while somebody waits for it to finish one.
 */
export class BlockCollector {
  #chunks: Uint8Array[] = [];
  #block: Uint8Array | undefined;
  #bytes = 0;
  /** The block being taken care of; stays when it failed. */
  #underWay: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param sink gets the bytes in pieces, one after the other and never two at a time; they are its own until it resolves */
  constructor(
    private readonly pool: BlockPool,
    private readonly sink: (chunks: readonly Uint8Array[], bytes: number) => Promise<void>,
  ) {}

  /** Takes a chunk. To be awaited before the next. Throws the failure of what went on before. */
  async add(chunk: Uint8Array): Promise<void> {
    this.#arm();
    if (this.#block === undefined && this.#bytes + chunk.length <= worthABlock) {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      return;
    }
    for (let start = 0; start < chunk.length; ) {
      const block = this.#block ?? (await this.#begin());
      const part = chunk.subarray(start, start + blockSize - this.#bytes);
      block.set(part, this.#bytes);
      this.#bytes += part.length;
      start += part.length;
      if (this.#bytes === blockSize) {
        await this.#flush();
      }
    }
  }

  /** Hands on the rest and resolves when everything is done. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#underWay;
  }

  /** Forgets what was collected and resolves when nothing is under way any more, well or badly. */
  async abandon(): Promise<void> {
    this.#drop();
    await this.#underWay?.catch(() => undefined);
  }

  /** A block with what was collected so far, which may have gone on while there was none. */
  async #begin(): Promise<Uint8Array> {
    const block = await this.pool.take();
    let filled = 0;
    for (const chunk of this.#chunks.splice(0)) {
      block.set(chunk, filled);
      filled += chunk.length;
    }
    this.#block = block;
    this.#arm();
    return block;
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => void this.#flush().catch(() => undefined), patienceMs);
  }

  /** Hands on what was collected, once the block before it is done. */
  async #flush(): Promise<void> {
    while (this.#underWay !== undefined) {
      try {
        await this.#underWay;
      } catch (error) {
        // Whoever brings bytes may be silent for long before it learns of it; others need the block now.
        this.#drop();
        throw error;
      }
    }
    const { chunks, block, bytes } = this.#take();
    if (bytes === 0) {
      return;
    }
    this.#underWay = this.sink(block === undefined ? chunks : [block.subarray(0, bytes)], bytes)
      .finally(() => block && this.pool.give(block))
      .then(() => {
        this.#underWay = undefined;
      });
    // The failure is reported by the next flush; until then it must not count as unhandled.
    this.#underWay.catch(() => undefined);
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
    const taken = { chunks: this.#chunks, block: this.#block, bytes: this.#bytes };
    this.#chunks = [];
    this.#block = undefined;
    this.#bytes = 0;
    return taken;
  }
}
