import type { Readable } from 'node:stream';
import { clock } from '../../async/clock.js';
import { Slots } from '../../async/slots.js';
import { Failure } from '../../errors/failure.js';
import type { ByteRange } from '../../oci/byte-range.js';
import type { Digest } from '../../oci/digest.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { BlobSource, BlobStat } from '../registry.js';
import { BlobPieces } from './blob-pieces.js';
import { BlobStream } from './blob-stream.js';
import { Deadline } from './deadline.js';
import type { Exchange } from './exchange.js';
import { Fault, faultOfStatus, invalidAnswer } from './fault.js';
import type { RemoteLimits } from './limits.js';
import { counted, type Reply } from './wire.js';

/** An upload that a refused mount began. */
interface BegunUpload {
  readonly location: URL;
  readonly at: number;
}

/** Most of them that are remembered, and milliseconds for which they are: a registry ends what nobody writes to. */
const mostBegun = 100;
const begunMs = 10 * 60_000;

/** Blobs of another registry: distribution-spec end-2, end-4, end-6 and end-11. Bytes pass through and are never held. */
export class RemoteBlobs {
  readonly #reads: Slots;
  readonly #writes: Slots;
  readonly #begun = new Map<string, BegunUpload>();

  constructor(
    private readonly exchange: Exchange,
    private readonly limits: RemoteLimits,
  ) {
    // Apart, so that a copy within one registry never waits for itself.
    this.#reads = new Slots(limits.blobs);
    this.#writes = new Slots(limits.blobs);
  }

  async stat(repository: RepositoryName, digest: Digest, signal: AbortSignal): Promise<BlobStat | undefined> {
    const scopes = [`repository:${repository}:pull`];
    const asked = { method: 'HEAD', to: `/v2/${repository}/blobs/${digest}`, scopes, expected: [200, 404] } as const;
    return await this.exchange.ask(asked, signal, async (reply) => {
      this.exchange.wire.drop(reply);
      if (reply.status === 404) return undefined;
      const { 'content-length': size = '', 'docker-content-digest': said = digest } = reply.headers;
      if (said !== digest || !/^\d{1,15}$/.test(size))
        throw invalidAnswer(this.exchange.host, 'it does not say how large the blob is, or speaks of another');
      return { digest, size: Number(size) };
    });
  }

  async read(
    repository: RepositoryName,
    digest: Digest,
    range: ByteRange | undefined,
    signal?: AbortSignal,
  ): Promise<Readable> {
    const deadline = new Deadline(this.limits.blobMs, this.exchange.host, signal);
    let release = (): void => undefined;
    const end = (): void => {
      release();
      deadline.end(new Error('the blob is not read any more'));
    };
    try {
      release = await this.#reads.take(deadline.signal);
      const pieces = new BlobPieces(this.exchange, this.limits, { repository, digest, range, signal: deadline.signal });
      const first = await pieces.open();
      if (first === undefined) throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
      first.body.on('error', () => undefined); // it may be cut before anybody reads
      return new BlobStream(pieces.read(first), end);
    } catch (error) {
      end();
      throw error;
    }
  }

  async write(repository: RepositoryName, blob: BlobStat, source: BlobSource, signal?: AbortSignal): Promise<void> {
    const deadline = new Deadline(this.limits.blobMs, this.exchange.host, signal);
    const work = async () => {
      const location = this.#takeBegun(repository, blob.digest) ?? (await this.#begin(repository, deadline.signal));
      await this.#send(repository, location, { ...blob, source }, deadline.signal);
    };
    try {
      await this.#writes.run(() => this.exchange.retries.run(work, deadline.signal), deadline.signal);
    } finally {
      deadline.end();
    }
  }

  /** Whatever the reason is that it cannot be, the bytes may be written: to the upload that the registry began instead, if it did. */
  async mount(repository: RepositoryName, digest: Digest, from: RepositoryName, signal: AbortSignal): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, from });
    const asked = {
      method: 'POST',
      to: `/v2/${repository}/blobs/uploads/?${query}`,
      scopes: [`repository:${repository}:pull,push`, `repository:${from}:pull`],
      expected: [201, 202],
    } as const;
    try {
      const reply = await this.exchange.once(asked, signal);
      this.exchange.wire.drop(reply);
      if (reply.status === 201) return this.#mounted(reply, digest);
      this.#remember(repository, digest, this.exchange.located(reply.headers.location, reply.url));
      return false;
    } catch (error) {
      signal.throwIfAborted();
      // Many a registry refuses what it could answer by beginning an upload, and writing tries again by itself.
      if (!(error instanceof Fault)) throw error;
      if (error.again === 'when-told') this.exchange.retries.postpone(error.afterMs);
      return false;
    }
  }

  #mounted({ headers }: Reply, digest: Digest): true {
    const { 'docker-content-digest': said = digest } = headers;
    if (said !== digest) throw invalidAnswer(this.exchange.host, 'it mounted another blob than it was asked to');
    return true;
  }

  async #begin(repository: RepositoryName, signal: AbortSignal): Promise<URL> {
    const to = `/v2/${repository}/blobs/uploads/`;
    const scopes = [`repository:${repository}:pull,push`];
    const reply = await this.exchange.once({ method: 'POST', to, scopes, expected: [202] }, signal);
    this.exchange.wire.drop(reply);
    return this.exchange.located(reply.headers.location, reply.url);
  }

  /** All bytes with one request: two for a blob, where PATCH takes three. */
  async #send(
    repository: RepositoryName,
    location: URL,
    { digest, size, source }: BlobStat & { readonly source: BlobSource },
    signal: AbortSignal,
  ): Promise<void> {
    const to = new URL(location);
    // Behind what is there, letter by letter: it may be signed.
    to.search += `${to.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    const open = async () => counted(await source(), size);
    const asked = {
      method: 'PUT',
      to,
      scopes: [`repository:${repository}:pull,push`],
      headers: { 'Content-Type': 'application/octet-stream' },
      body: { size, open },
      expected: [201, 204, 400, 404, 413],
    } as const;
    try {
      const reply = await this.exchange.once(asked, signal);
      if (reply.status >= 400) throw await this.#refused(reply);
      this.exchange.wire.drop(reply);
      const { 'docker-content-digest': said = digest } = reply.headers;
      if (said !== digest) throw invalidAnswer(this.exchange.host, 'it stored the blob under another digest');
    } catch (error) {
      this.#cancel(repository, location).catch(() => undefined); // a registry ends what nobody writes to
      throw error;
    }
  }

  async #refused(reply: Reply): Promise<Error> {
    const { host } = this.exchange;
    const text = (await this.exchange.wire.read(reply, 64 * 1024).catch(() => Buffer.alloc(0))).toString('latin1');
    if (text.includes('"DIGEST_INVALID"'))
      return new Failure('DIGEST_INVALID', { message: `${host} answered that the content has another digest` });
    if (reply.status === 413) return new Failure('BLOB_TOO_LARGE', { message: `${host} takes no blob of that size` });
    const refused = faultOfStatus(reply.status, host, '', undefined);
    // The upload is gone; another one may be luckier.
    return reply.status === 404 ? new Fault(refused.failure, 'later') : refused;
  }

  /** Nobody goes on with it. What the registry says to that changes nothing, and nobody waits for it. */
  async #cancel(repository: RepositoryName, location: URL): Promise<void> {
    const scopes = [`repository:${repository}:pull,push`];
    const deadline = new Deadline(this.limits.idleMs, this.exchange.host, undefined);
    const asked = { method: 'DELETE', to: location, scopes, expected: [200, 202, 204, 404] } as const;
    try {
      this.exchange.wire.drop(await this.exchange.once(asked, deadline.signal));
    } finally {
      deadline.end();
    }
  }

  #remember(repository: RepositoryName, digest: Digest, location: URL): void {
    const key = `${repository}@${digest}`;
    this.#begun.delete(key);
    this.#begun.set(key, { location, at: clock.steady() });
    const [oldest] = this.#begun.keys();
    if (this.#begun.size > mostBegun && oldest !== undefined) this.#begun.delete(oldest);
  }

  #takeBegun(repository: RepositoryName, digest: Digest): URL | undefined {
    const key = `${repository}@${digest}`;
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    return begun !== undefined && clock.steady() - begun.at < begunMs ? begun.location : undefined;
  }
}
