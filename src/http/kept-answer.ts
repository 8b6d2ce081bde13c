import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { weaklyIncludesTag } from '../oci/precondition.js';
import { acceptsGzip } from './gzip.js';

/** An answer that is the same for everybody until the program changes: made once, sent many times from the same memory. */
export class KeptAnswer {
  readonly #plain: Buffer;
  readonly #gzip: Buffer;
  readonly #hash: string;

  constructor(
    private readonly type: string,
    text: string,
    gzip: Uint8Array,
  ) {
    this.#plain = Buffer.from(text);
    this.#gzip = Buffer.from(gzip);
    this.#hash = createHash('sha256').update(this.#plain).digest('base64url').slice(0, 22);
  }

  /** The whole, compressed for those who can read that, or 304 when the client has it (RFC 9110 §13.1.2). */
  send(request: Request, response: Response): void {
    const gzip = acceptsGzip(request);
    const tag = gzip ? `"${this.#hash}-gzip"` : `"${this.#hash}"`;
    response.vary('Accept-Encoding').set('ETag', tag);
    if (weaklyIncludesTag(request.headers['if-none-match'] ?? '', tag)) {
      response.status(304).end();
      return;
    }
    const body = gzip ? this.#gzip : this.#plain;
    if (gzip) response.set('Content-Encoding', 'gzip');
    response.set({ 'Content-Type': this.type, 'Content-Length': String(body.length) });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}
