/** Bytes handed on at once. Sockets deliver 64 KiB at most, and a system call per chunk costs more than the copying. */
const blockSize = 1 << 20;
/** Milliseconds after which a block that does not fill goes on as it is: a slow client's bytes belong on the disk too. */
const patienceMs = 50;

/** A run of chunks to be taken care of; `full` when it went on because it was large enough. */
export interface Block {
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  readonly full: boolean;
}

/**
 * Gathers a sequence of chunks into large blocks: while one block is being taken care of the next one is collected, so at
 * most two are in memory.
 */
export class BlockCollector {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #underWay: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param sink gets the blocks one after the other, never two at a time */
  constructor(private readonly sink: (block: Block) => Promise<void>) {}

  /** Takes a chunk, which must not change any more. True when a block is full: await `flush` before the next chunk. */
  push(chunk: Uint8Array): boolean {
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), patienceMs);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes >= blockSize;
  }

  /** Hands on what was collected, once the block before it is done. Throws the failure of that one. */
  async flush(): Promise<void> {
    await this.#underWay;
    if (this.#bytes === 0) {
      return;
    }
    this.#underWay = this.sink(this.#take());
    // The failure is reported by the next flush; until then it must not count as unhandled.
    this.#underWay.catch(() => undefined);
  }

  /** Hands on the rest and resolves when everything is done. */
  async end(): Promise<void> {
    await this.flush();
    await this.#underWay;
  }

  /** Forgets what was collected and resolves when nothing is under way any more, well or badly. */
  async abandon(): Promise<void> {
    this.#take();
    await this.#underWay.catch(() => undefined);
  }

  #take(): Block {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const block = { chunks: this.#chunks, bytes: this.#bytes, full: this.#bytes >= blockSize };
    this.#chunks = [];
    this.#bytes = 0;
    return block;
  }
}
