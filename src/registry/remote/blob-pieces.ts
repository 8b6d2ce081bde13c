import { createHash, type Hash } from 'node:crypto';
import type { Failure } from '../../errors/failure.js';
import type { ByteRange } from '../../oci/byte-range.js';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { Exchange } from './exchange.js';
import { invalidAnswer } from './fault.js';
import type { RemoteLimits } from './limits.js';
import { asked } from './retries.js';
import type { Reply } from './wire.js';

/** Bytes after which a cut counts as the first again. */
const progressBytes = 1024 * 1024;
/** Cuts without that, after which it is given up. */
const mostCuts = 6;
/** Bytes that are read once more from a registry that knows no ranges. */
const mostRead = 64 * 1024 * 1024;

export interface PiecesOf {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly range: ByteRange | undefined;
  readonly signal: AbortSignal;
}

/**
 * The bytes of a blob as they come. Where the connection is cut it goes on from there (RFC 9110 §14), and what has come counts.
 * Of a whole blob the last piece is given once all have the digest.
 */
export class BlobPieces {
  readonly #hash: Hash | undefined;
  /** Place of the next byte in the blob. */
  #at: number;
  /** Behind the last byte; undefined when the registry does not say. */
  #end: number | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly limits: Pick<RemoteLimits, 'blobBytes'>,
    private readonly of: PiecesOf,
  ) {
    this.#hash = of.range === undefined ? createHash(digestAlgorithm(of.digest)) : undefined;
    this.#at = of.range?.start ?? 0;
    this.#end = of.range && of.range.end + 1;
  }

  /** The answer from the first byte on; undefined when there is no such blob. */
  async open(): Promise<Reply | undefined> {
    const { signal } = this.of;
    return await this.exchange.ask(this.#question([200, 206, 404]), signal, async (reply) => {
      if (reply.status !== 404) return this.#placed(reply);
      this.exchange.wire.drop(reply);
      return undefined;
    });
  }

  async *read(first: Reply): AsyncGenerator<Buffer> {
    let held: Buffer | undefined;
    for await (const piece of this.#pieces(first)) {
      if (held !== undefined) yield held;
      held = piece;
    }
    if (this.#hash !== undefined && this.#hash.digest('hex') !== digestHex(this.of.digest))
      throw invalidAnswer(this.exchange.host, 'the blob it sent has another digest');
    if (held !== undefined) yield held;
  }

  async *#pieces(first: Reply): AsyncGenerator<Buffer> {
    const { signal } = this.of;
    let reply: Reply | undefined = first;
    let [cuts, mark] = [0, this.#at];
    for (;;) {
      try {
        reply ??= this.#placed(await this.exchange.once(this.#question([200, 206]), signal));
        yield* this.#flow(reply);
        return;
      } catch (error) {
        const fault = asked(error, signal, this.exchange.host);
        if (fault.again === 'never') throw fault.failure;
        if (this.#at - mark >= progressBytes) [cuts, mark] = [0, this.#at];
        if (++cuts > mostCuts) throw fault.failure;
        reply = undefined;
        if (fault.again === 'when-told') this.exchange.retries.postpone(fault.afterMs);
        else await this.exchange.retries.pause(cuts, signal);
        await this.exchange.retries.waitForTurn(signal);
      }
    }
  }

  async *#flow({ body, status, headers }: Reply): AsyncGenerator<Buffer> {
    // Who knows no ranges begins at the beginning.
    let ahead = status === 200 ? this.#at : 0;
    for await (const piece of this.exchange.wire.flowing(body)) {
      const bytes = ahead === 0 ? piece : piece.subarray(Math.min(ahead, piece.length));
      ahead -= piece.length - bytes.length;
      if (bytes.length === 0) continue;
      const wanted = this.#end === undefined ? bytes : bytes.subarray(0, Math.max(0, this.#end - this.#at));
      this.#at += wanted.length;
      if (this.#at > this.limits.blobBytes) throw this.#tooLarge();
      this.#hash?.update(wanted);
      if (wanted.length > 0) yield wanted;
      if (wanted.length < bytes.length) break; // of a range, where all was sent
    }
    if (this.#end !== undefined && this.#at < this.#end)
      throw invalidAnswer(
        this.exchange.host,
        `it ended after ${this.#at} of ${this.#end} bytes, ${headers['content-length'] ?? 'no'} promised`,
      );
  }

  /** The answer, when it is where the next byte is. */
  #placed(reply: Reply): Reply {
    try {
      this.#requirePlace(reply);
      return reply;
    } catch (error) {
      reply.body.on('error', () => undefined).destroy();
      throw error;
    }
  }

  #requirePlace({ status, headers }: Reply): void {
    const { host } = this.exchange;
    if (status === 206) {
      const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
      const expectedEnd = this.of.range === undefined ? total : String(this.of.range.end + 1);
      if (Number(start) !== this.#at || String(Number(end) + 1) !== expectedEnd)
        throw invalidAnswer(host, 'it sent another part than it was asked for');
      this.#expect(Number(end) + 1);
      return;
    }
    if (this.#at > mostRead) throw invalidAnswer(host, 'it cannot go on where the connection was cut');
    const length = headers['content-length'];
    if (this.of.range === undefined && length !== undefined) this.#expect(Number(length));
  }

  #expect(end: number): void {
    if (this.#end !== undefined && this.#end !== end)
      throw invalidAnswer(this.exchange.host, 'the blob changed its size');
    if (end > this.limits.blobBytes) throw this.#tooLarge();
    this.#end = end;
  }

  #tooLarge(): Failure {
    return invalidAnswer(this.exchange.host, `the blob has more than ${this.limits.blobBytes} bytes`);
  }

  #question<S extends readonly number[]>(expected: S) {
    const { repository, digest, range } = this.of;
    const ranged = this.#at > 0 || range !== undefined;
    const last = range?.end ?? '';
    return {
      method: 'GET',
      to: `/v2/${repository}/blobs/${digest}`,
      scopes: [`repository:${repository}:pull`],
      headers: { Accept: '*/*', ...(ranged && { Range: `bytes=${this.#at}-${last}` }) },
      expected,
    } as const;
  }
}
