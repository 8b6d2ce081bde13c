import type { Readable } from 'node:stream';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ofItself } from '../audit/origin.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Failure } from '../errors/failure.js';
import { Log } from '../logging/logger.js';
import type { Digest, DigestAlgorithm } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { Repositories } from '../repositories/repositories.js';
import { type AppendOptions, type SealedUpload, type SessionId, UploadSpool } from '../storage/upload-spool.js';
import { UploadEntity } from './upload.entity.js';

/** Whose upload it is and where it goes: nobody else can see it, whatever ids they guess. */
export interface UploadSession {
  readonly id: SessionId;
  readonly repository: string;
  /** Subject of the identity that started it. */
  readonly subject: string;
  readonly algorithm: DigestAlgorithm;
  readonly createdAt: Date;
  /** Requests that write or seal at present: none is cut off, however long it takes. */
  atWork: number;
  /** Of the last request that did, in epoch milliseconds. */
  touchedAt: number;
  /** Set when a row says so too. It is written before bytes are acknowledged, since until then there is nothing to resume. */
  kept: Promise<void> | undefined;
}

const sweepEveryMs = 60_000;

/** The open upload sessions: rows and spool together. */
@Injectable()
export class UploadSessions implements OnModuleInit, OnApplicationShutdown {
  readonly #sessions = new Map<SessionId, UploadSession>();
  readonly #perSubject = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  /** The clock; tests put their own. */
  now: () => number = Date.now;

  constructor(
    private readonly database: Database,
    private readonly spool: UploadSpool,
    @Inject(CONFIG) private readonly config: Pick<Config, 'registry'>,
    private readonly log: Log,
    @Inject(Repositories) repositories: Pick<Repositories, 'onChange'>,
  ) {
    repositories.onChange((name, change) => {
      if (change === 'removed') this.#endAllOf(name);
    });
  }

  /** Takes up the sessions of the process before this one, as far as their bytes are still there. */
  async onModuleInit(): Promise<void> {
    const written = new Map<SessionId, Date>();
    for await (const { id, modifiedAt } of this.spool.list()) {
      written.set(id, modifiedAt);
    }
    for (const row of await this.database.read.find(UploadEntity)) {
      const touchedAt = written.get(row.id)?.getTime() ?? row.updatedAt.getTime();
      const algorithm = row.algorithm === 'sha512' ? 'sha512' : 'sha256';
      this.#add({ ...row, subject: row.principal, algorithm, atWork: 0, touchedAt, kept: Promise.resolve() });
    }
    this.#timer = setInterval(() => this.#sweepQuietly(), sweepEveryMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** Starts a session. Throws TOO_MANY_REQUESTS when the subject has too many open ones. */
  async open(
    repository: RepositoryName,
    subject: string,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<UploadSession> {
    if ((this.#perSubject.get(subject) ?? 0) >= this.config.registry.uploadsPerUser) {
      throw new Failure('TOO_MANY_REQUESTS', {
        message: 'too many open uploads: finish or cancel some',
        headers: { 'Retry-After': '60' },
      });
    }
    const id = await this.spool.create(algorithm);
    const now = this.now();
    const createdAt = new Date(now);
    const session = { id, repository, subject, algorithm, createdAt, atWork: 0, touchedAt: now, kept: undefined };
    this.#add(session);
    return session;
  }

  /** The session, when it is alive and belongs to this repository and subject; BLOB_UPLOAD_UNKNOWN otherwise. */
  get(id: SessionId, repository: RepositoryName, subject: string): UploadSession {
    const session = this.find(id, repository, subject);
    if (session === undefined) {
      throw new Failure('BLOB_UPLOAD_UNKNOWN');
    }
    return session;
  }

  find(id: SessionId, repository: RepositoryName, subject: string): UploadSession | undefined {
    const session = this.#sessions.get(id);
    const theirs = session?.repository === repository && session.subject === subject && !this.#isExpired(session);
    return theirs ? session : undefined;
  }

  /** Bytes so far. Throws BLOB_UPLOAD_UNKNOWN. */
  async size(session: UploadSession): Promise<number> {
    const size = await this.spool.size(session.id);
    if (size === undefined) {
      await this.close(session);
      throw new Failure('BLOB_UPLOAD_UNKNOWN');
    }
    return size;
  }

  /**
   * Appends a request's body and answers the new size. Whoever acknowledges it says `keep` first.
   * Throws what `UploadSpool.append` throws; a body beyond the largest allowed blob also ends the session.
   */
  async append(session: UploadSession, source: Readable, options: AppendOptions): Promise<number> {
    try {
      const maxSize = this.config.registry.maxBlobBytes;
      return await this.#atWork(session, () => this.spool.append(session.id, source, { ...options, maxSize }));
    } catch (error) {
      if (error instanceof Failure && error.code === 'BLOB_TOO_LARGE') {
        await this.close(session);
      }
      throw error;
    }
  }

  /** Lets the session outlive the process, if its bytes do: to be called before they are acknowledged for the first time. */
  async keep(session: UploadSession): Promise<void> {
    if (!this.spool.outlives(session.id)) {
      return;
    }
    session.kept ??= this.#record(session);
    try {
      await session.kept;
    } catch (error) {
      session.kept = undefined;
      throw error;
    }
  }

  /** Ends the session with its verified bytes. Bytes of another digest end it too: DIGEST_INVALID. */
  async seal(session: UploadSession, digest: Digest): Promise<SealedUpload> {
    try {
      const sealed = await this.#atWork(session, () => this.spool.seal(session.id, digest));
      this.#forget(session);
      return sealed;
    } catch (error) {
      if (error instanceof Failure && error.code === 'DIGEST_INVALID') {
        await this.close(session);
      }
      throw error;
    }
  }

  /** Ends a session and forgets its bytes. */
  async close(session: UploadSession): Promise<void> {
    this.#forget(session);
    await this.spool.discard(session.id);
  }

  /** Ends every session nobody wrote to for the time to live, and removes bytes that belong to no session. */
  async sweep(): Promise<void> {
    for (const session of this.#sessions.values()) {
      if (this.#isExpired(session)) {
        await this.close(session);
      }
    }
    const oldest = this.now() - this.config.registry.uploadTtlMs;
    for await (const { id, modifiedAt } of this.spool.list()) {
      if (!this.#sessions.has(id) && modifiedAt.getTime() < oldest) {
        await this.spool.discard(id);
      }
    }
  }

  /** What was begun for a repository that went, or has another name now, is not to bring its old name back. */
  #endAllOf(repository: RepositoryName): void {
    for (const session of this.#sessions.values()) {
      if (session.repository === repository) {
        this.close(session).catch((error: unknown) => this.log.warn({ error, upload: session.id }, 'upload not ended'));
      }
    }
  }

  async #atWork<T>(session: UploadSession, work: () => Promise<T>): Promise<T> {
    session.atWork++;
    try {
      return await work();
    } finally {
      session.atWork--;
      session.touchedAt = this.now();
    }
  }

  #isExpired(session: UploadSession): boolean {
    return session.atWork === 0 && session.touchedAt < this.now() - this.config.registry.uploadTtlMs;
  }

  #add(session: UploadSession): void {
    this.#sessions.set(session.id, session);
    this.#perSubject.set(session.subject, (this.#perSubject.get(session.subject) ?? 0) + 1);
  }

  #forget(session: UploadSession): void {
    if (!this.#sessions.delete(session.id)) {
      return;
    }
    const left = (this.#perSubject.get(session.subject) ?? 1) - 1;
    if (left > 0) {
      this.#perSubject.set(session.subject, left);
    } else {
      this.#perSubject.delete(session.subject);
    }
    if (session.kept !== undefined) {
      // Nobody waits for this: a row without bytes is an unknown session anyway.
      ofItself(() => this.database.write((tx) => tx.delete(UploadEntity, { id: session.id }))).catch((error: unknown) =>
        this.log.warn({ error, upload: session.id }, 'upload row left behind'),
      );
    }
  }

  async #record({ id, repository, subject: principal, algorithm, createdAt }: UploadSession): Promise<void> {
    if (this.#sessions.has(id)) {
      const row = { id, repository, principal, algorithm, createdAt, updatedAt: new Date(this.now()) };
      await this.database.write((tx) => tx.insert(UploadEntity, row));
    }
  }

  #sweepQuietly(): void {
    this.sweep().catch((error: unknown) => this.log.error({ error }, 'upload sweep failed'));
  }
}
