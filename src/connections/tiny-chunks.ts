import { IncomingMessage } from 'node:http';
import { clock } from '../async/clock.js';

/** Chunks of a body within a second that are too many when they are tiny: nobody writes that often, and reading each costs as much as a large one. */
const mostChunks = 1000;
/** Bytes that they have on average then. */
const tiny = 16;
const secondMs = 1000;

/**
 * The class of requests for a server, which notices a body that comes as a flood of tiny chunks. 64 KiB of it, which is read at once, are eleven
 * thousand chunks of one byte: some of such clients would take the event loop for seconds.
 * @param flooded is told once; nothing more of the body is handed on
 */
export function watchingChunks(flooded: (request: IncomingMessage) => void): typeof IncomingMessage {
  return class extends IncomingMessage {
    #chunks = 0;
    #bytes = 0;
    #since = 0;
    #over = false;

    override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
      if (chunk === null) return super.push(chunk, encoding);
      if (this.#over) return false;
      if (this.#chunks === 0) this.#since = clock.steady();
      this.#bytes += chunk.length;
      if (++this.#chunks >= mostChunks && this.#isFlood()) {
        this.#over = true;
        flooded(this);
        return false;
      }
      return super.push(chunk, encoding);
    }

    #isFlood(): boolean {
      const isFlood = clock.steady() - this.#since < secondMs && this.#bytes < tiny * this.#chunks;
      this.#chunks = 0;
      this.#bytes = 0;
      return isFlood;
    }
  };
}
