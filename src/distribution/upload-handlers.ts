import { Injectable } from '@nestjs/common';
import { Failure, isFailure } from '../errors/failure.js';
import { bodyLength, hasBody } from '../http/body.js';
import { Images } from '../images/images.js';
import { parseContentRange } from '../oci/content-range.js';
import { type Digest, type DigestAlgorithm, digestAlgorithm, parseDigest } from '../oci/digest.js';
import type { UploadSession } from '../registry/open-uploads.js';
import { UploadSessions } from '../registry/upload-sessions.js';
import { BlobStore } from '../storage/blob-store.js';
import { DiskReserve } from '../storage/disk-reserve.js';
import type { AppendOptions, SessionId } from '../storage/upload-spool.js';
import { sendEmpty } from './answer.js';
import type { RepositoryCall } from './call.js';
import { Mounts } from './mounts.js';

/** Pushing blobs: distribution-spec "Pushing blobs", end-4 to end-6, end-11, end-13 and end-14. */
@Injectable()
export class UploadHandlers {
  constructor(
    private readonly sessions: UploadSessions,
    private readonly blobs: BlobStore,
    private readonly images: Images,
    private readonly mounts: Mounts,
    private readonly reserve: DiskReserve,
  ) {}

  /** POST: mounts, takes a whole blob, or opens a session; whatever cannot be mounted is a session, never an error. */
  async start(call: RepositoryCall): Promise<void> {
    const { query } = call;
    await this.reserve.check();
    const mounted = await this.mounts.mount(call, query);
    if (mounted !== undefined) return sendCreated(call, mounted);
    if (query.has('digest')) {
      const digest = onlyDigest(query);
      const session = await this.#open(call, digestAlgorithm(digest));
      return await this.#takeAll(call, session, digest);
    }
    const session = await this.#open(call, parseAlgorithm(query.get('digest-algorithm')));
    await this.#confirm(call, session); // an account that ended before it was open could not end it
    sendProgress(call, session, 202, 0);
  }

  /** PATCH: streamed (without Content-Range) or a chunk (with). */
  async append(call: RepositoryCall, id: SessionId): Promise<void> {
    const session = this.#session(call, id);
    await this.reserve.check();
    const size = await this.#receive(call, session);
    await this.#confirm(call, session);
    await this.sessions.keep(session);
    sendProgress(call, session, 202, size);
  }

  /** PUT: the rest of the bytes, if any, and the digest of all of them. */
  async finish(call: RepositoryCall, id: SessionId): Promise<void> {
    const digest = onlyDigest(call.query);
    const session = this.#session(call, id);
    await this.reserve.check();
    if (hasBody(call.request)) {
      await this.#receive(call, session);
    }
    await this.#commit(call, session, digest);
  }

  async describe(call: RepositoryCall, id: SessionId): Promise<void> {
    const session = this.#session(call, id);
    const size = await this.sessions.size(session);
    await this.sessions.keep(session);
    sendProgress(call, session, 204, size);
  }

  async cancel(call: RepositoryCall, id: SessionId): Promise<void> {
    await this.sessions.close(this.#session(call, id));
    sendEmpty(call.response, 204);
  }

  #session(call: RepositoryCall, id: SessionId): UploadSession {
    return this.sessions.get(id, call.repository, call.identity.subject);
  }

  async #open(call: RepositoryCall, algorithm?: DigestAlgorithm): Promise<UploadSession> {
    return await this.sessions.open(call.repository, call.identity.subject, algorithm);
  }

  async #takeAll(call: RepositoryCall, session: UploadSession, digest: Digest): Promise<void> {
    try {
      await this.#receive(call, session);
      await this.#commit(call, session, digest);
    } catch (error) {
      // Nobody learned the session's name, so nobody can go on with it.
      await this.sessions.close(session);
      throw error;
    }
  }

  async #receive(call: RepositoryCall, session: UploadSession): Promise<number> {
    try {
      return await this.#inPlace(session, () =>
        this.sessions.append(session, call.request, announced(call.request.headers)),
      );
    } catch (error) {
      // Uploads end with the account of whoever began them, and then that is the answer.
      if (isFailure(error, 'BLOB_UPLOAD_UNKNOWN')) await call.confirm();
      throw error;
    }
  }

  /** Whoever may not push any more has nothing more to do with what they began. */
  async #confirm(call: RepositoryCall, session: UploadSession): Promise<void> {
    try {
      await call.confirm();
    } catch (error) {
      if (error instanceof Failure) await this.sessions.close(session);
      throw error;
    }
  }

  /** A client that lost its place, or does not know that another request writes, learns from the refusal where the session stands. */
  async #inPlace<T>(session: UploadSession, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isFailure(error, 'RANGE_INVALID')) throw error;
      const headers = Object.fromEntries(progressHeaders(session, await this.sessions.size(session)));
      throw new Failure(error.code, { message: error.message, detail: error.detail, cause: error, headers });
    }
  }

  /** Bytes first, then the row that makes them visible, then the answer. The right is asked for before the bytes are ours, and again with the row. */
  async #commit(call: RepositoryCall, session: UploadSession, digest: Digest): Promise<void> {
    await this.#confirm(call, session);
    const sealed = await this.#inPlace(session, () => this.sessions.seal(session, digest));
    await this.blobs.adopt(digest, sealed);
    const { size, bytes } = sealed;
    await this.images.linkBlob(call.repository, { digest, size }, call.identity.principal);
    if (bytes !== undefined) this.images.noteContent(digest, bytes);
    sendCreated(call, digest);
  }
}

/** What the headers promise about the body: where it starts and how long it is. */
function announced(headers: RepositoryCall['request']['headers']): AppendOptions {
  const range = headers['content-range'];
  if (range === undefined) return {};
  const { start, end } = parseContentRange(range);
  const expectedBytes = end + 1 - start;
  const length = bodyLength(headers);
  if (length !== undefined && length !== expectedBytes)
    throw new Failure('SIZE_INVALID', { message: 'Content-Range and Content-Length disagree' });
  return { expectedOffset: start, expectedBytes };
}

/** Throws DIGEST_INVALID unless there is exactly one, and it is one. */
function onlyDigest(query: URLSearchParams): Digest {
  const [digest, second] = query.getAll('digest');
  if (digest === undefined || second !== undefined)
    throw new Failure('DIGEST_INVALID', { message: 'exactly one digest parameter is needed' });
  return parseDigest(digest);
}

function parseAlgorithm(name: string | null): DigestAlgorithm {
  if (name === null || name === 'sha256' || name === 'sha512') return name ?? 'sha256';
  throw new Failure('DIGEST_INVALID', { message: 'digest-algorithm is neither sha256 nor sha512' });
}

function sendCreated({ response, repository }: RepositoryCall, digest: Digest): void {
  sendEmpty(response, 201, 'Location', `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest', digest);
}

function sendProgress({ response }: RepositoryCall, session: UploadSession, status: number, size: number): void {
  sendEmpty(response, status, ...progressHeaders(session, size).flat());
}

/** `Range: 0-0` means nothing yet as well as one byte: that is how docker wants it. */
function progressHeaders({ id, repository }: UploadSession, size: number): [string, string][] {
  return [
    ['Location', `/v2/${repository}/blobs/uploads/${id}`],
    ['Range', `0-${Math.max(0, size - 1)}`],
    ['Docker-Upload-UUID', id],
  ];
}
