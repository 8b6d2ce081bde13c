/** Bytes read and written at a time: large blocks cost least, small ones leave a hundred pulls their turns and the memory within bounds. */
const large = 1 << 20;
const small = 64 << 10;
/** Large blocks in use at a time; whoever finds none gets a small one. */
const mostLarge = 8;
/** Small blocks kept for the next transfers. */
const mostSmallKept = 64;

/** A part of a file, of which everybody knows that its bytes never change. */
export interface Part {
  readonly file: string;
  readonly position: number;
  /** In bytes. */
  readonly length: number;
}

/** Memory with the bytes of a part, which may be shorter than what was asked for. */
export interface Block {
  readonly memory: Buffer;
  readonly part: Part;
  /** Settles when the bytes are there, or cannot be had. */
  readonly filled: Promise<void>;
  users: number;
  /** Somebody went away who may still read it. */
  lost: boolean;
}

/**
 * Memory for transfers: bounded, and used again. Those who pull the same at once share what one of them reads, and find what was
 * read a moment ago as long as its memory was not needed.
 */
export class SendBuffers {
  /** In use or not, the one that was given back longest ago first. */
  readonly #large: Block[] = [];
  readonly #small: Buffer[] = [];

  /**
   * The beginning of a part, or all of it. Give it back, or tell that it is lost.
   * @param read fills memory with a part
   */
  take(wanted: Part, read: (memory: Buffer, part: Part) => Promise<void>): Block {
    const known = this.#large.find(({ part }) => covers(part, wanted));
    if (known !== undefined) {
      known.users++;
      return known;
    }
    const free = wanted.length <= small ? undefined : this.#freeLarge();
    const memory = free ?? this.#small.pop() ?? Buffer.allocUnsafeSlow(small);
    const part = { ...wanted, length: Math.min(memory.length, wanted.length) };
    const block = { memory, part, filled: read(memory, part), users: 1, lost: false };
    if (free !== undefined) {
      this.#large.push(block);
      block.filled.catch(() => this.#forget(block));
    }
    return block;
  }

  give(block: Block): void {
    block.users--;
    const { memory } = block;
    if (memory.length === large) {
      if (block.users === 0 && block.lost) this.#forget(block);
    } else if (!block.lost && this.#small.length < mostSmallKept) {
      this.#small.push(memory);
    }
  }

  /** For a block that somebody may still read. */
  lose(block: Block): void {
    block.lost = true;
    this.give(block);
  }

  #freeLarge(): Buffer | undefined {
    if (this.#large.length < mostLarge) return Buffer.allocUnsafeSlow(large);
    const free = this.#large.findIndex(({ users, lost }) => users === 0 && !lost);
    return this.#large.splice(free, free < 0 ? 0 : 1)[0]?.memory;
  }

  #forget(block: Block): void {
    const index = this.#large.indexOf(block);
    if (index >= 0) this.#large.splice(index, 1);
  }
}

function covers(part: Part, { file, position }: Part): boolean {
  return part.file === file && part.position <= position && position < part.position + part.length;
}
