import type { Readable } from 'node:stream';
import type { OnModuleInit } from '@nestjs/common';
import { ofItself } from '../access/origin.js';
import { clock } from '../async/clock.js';
import { EndedAccounts } from '../auth/ended-accounts.js';
import { Changes } from '../changes/changes.js';
import type { Change } from '../changes/kinds.js';
import type { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { JobKind } from '../jobs/kind.js';
import { Log } from '../logging/logger.js';
import type { Digest, DigestAlgorithm } from '../oci/digest.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import {
  type AppendOptions,
  type SealedUpload,
  type SessionId,
  type SpooledFile,
  UploadSpool,
} from '../storage/upload-spool.js';
import { OpenUploads, type UploadSession } from './open-uploads.js';
import { StrayBytes } from './stray-bytes.js';
import { deleteUpload, insertUpload, uploadRows } from './uploads.store.js';

const sweepEveryMs = 60_000;
/** Milliseconds that what an earlier process left stays at least, whatever the clock has done in between. */
const afterStartMs = 3_600_000;

/** The open upload sessions: rows and spool together. */
export class UploadSessions implements OnModuleInit {
  readonly #open: OpenUploads;
  readonly #strays: StrayBytes;

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly spool: UploadSpool,
    private readonly config: Pick<Config, 'registry'>,
    private readonly log: Log,
    private readonly accounts: Pick<EndedAccounts, 'has'>,
  ) {
    this.#open = new OpenUploads(config.registry);
    this.#strays = new StrayBytes(spool, (id) => this.#open.get(id) !== undefined);
    changes.onCommitted(['repository.rename', 'repository.delete'], (some) => {
      // What was begun for a repository that went, or has another name now, is not to bring its old name back.
      const gone = new Set<string>(
        some.map(({ payload }) => ('formerly' in payload ? payload.formerly : payload.repository)),
      );
      this.#endAll(this.#open.values(), ({ repository }) => gone.has(repository));
    });
    changes.onCommitted(['user.update', 'user.delete', 'robot.update', 'robot.delete'], (some) => {
      for (const change of some) {
        const subject = endedBy(change);
        if (subject !== undefined) this.#endAll(this.#open.of(subject));
      }
    });
  }

  /** Takes up the sessions of the process before this one, as far as their bytes are still there. */
  async onModuleInit(): Promise<void> {
    const written = new Map<SessionId, SpooledFile>();
    for await (const file of this.spool.list()) written.set(file.id, file);
    for (const row of await uploadRows(this.database)) {
      const file = written.get(row.id);
      written.delete(row.id);
      const algorithm = row.algorithm === 'sha512' ? 'sha512' : 'sha256';
      const touchedAt = this.#momentOf(file?.modifiedAt ?? row.updatedAt);
      const bytes = file?.size ?? 0;
      this.#open.add({ ...row, subject: row.principal, algorithm, touchedAt, kept: Promise.resolve(), bytes });
    }
    for (const { id, modifiedAt } of written.values()) this.#strays.note(id, this.#momentOf(modifiedAt));
    for (const subject of [...this.#open.subjects()]) {
      if (await this.accounts.has(subject)) this.#endAll(this.#open.of(subject));
    }
  }

  /** Starts a session. At the most that the subject may have, the one idle for longest gives way. Throws TOO_MANY_REQUESTS when there is none. */
  async open(
    repository: RepositoryName,
    subject: string,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<UploadSession> {
    const touchedAt = clock.steady();
    const leaving = this.#open.promise(subject, touchedAt);
    try {
      if (leaving !== undefined) await this.close(leaving);
      const id = await this.spool.create(algorithm);
      return this.#open.add({ id, repository, subject, algorithm, createdAt: new Date(clock.wall()), touchedAt });
    } finally {
      this.#open.release(subject);
    }
  }

  /** The session, when it is alive and belongs to this repository and subject; BLOB_UPLOAD_UNKNOWN otherwise. */
  get(id: SessionId, repository: RepositoryName, subject: string): UploadSession {
    const session = this.find(id, repository, subject);
    if (session === undefined) throw new Failure('BLOB_UPLOAD_UNKNOWN');
    return session;
  }

  find(id: SessionId, repository: RepositoryName, subject: string): UploadSession | undefined {
    const session = this.#open.get(id);
    const theirs = session?.repository === repository && session.subject === subject && !this.#isExpired(session);
    return theirs ? session : undefined;
  }

  /** Those of a subject, or everybody's, the oldest first; the cursor is a {@link UploadSession.place}. */
  list({ subject, limit, cursor = '0' }: { subject?: string; limit: number; cursor?: string }): Page<UploadSession> {
    const found: UploadSession[] = [];
    for (const session of subject === undefined ? this.#open.values() : this.#open.of(subject)) {
      if (session.place > Number(cursor) && !this.#isExpired(session)) found.push(session);
      if (found.length > limit) break;
    }
    return pageOf(found, limit, ({ place }) => String(place));
  }

  /** How long ago somebody wrote to it, in milliseconds; 0 while somebody does. */
  idleMs(session: UploadSession): number {
    return session.atWork > 0 ? 0 : clock.steady() - session.touchedAt;
  }

  /** Whoever it belongs to. */
  byId(id: SessionId): UploadSession | undefined {
    return this.#open.get(id);
  }

  /** Ends a session by somebody's decision, which is written down. Its bytes go first, since a full disk may be the reason. */
  async end(session: UploadSession, account: string): Promise<void> {
    const { id, repository, bytes } = session;
    await this.close(session);
    const payload = { repository: parseRepositoryName(repository), upload: id };
    const audit = { name: repository, before: { id, account, bytes } };
    await this.database.write((tx) => this.changes.record(tx, { kind: 'upload.end', id: null, payload, audit }));
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
   * Throws what `UploadSpool.append` throws, and TOO_MANY_REQUESTS or STORAGE_FULL when the unfinished uploads of the account or of all
   * would take more than they may; a body beyond the largest allowed blob also ends the session.
   */
  async append(session: UploadSession, source: Readable, options: AppendOptions): Promise<number> {
    try {
      const maxSize = this.config.registry.maxBlobBytes;
      const claim = (bytes: number) => this.#open.claim(session, bytes);
      return await this.#atWork(session, () => this.spool.append(session.id, source, { ...options, maxSize, claim }));
    } catch (error) {
      await this.#recount(session);
      if (error instanceof Failure && error.code === 'BLOB_TOO_LARGE') {
        await this.close(session);
      }
      throw error;
    }
  }

  /** What did not stay does not count. */
  async #recount(session: UploadSession): Promise<void> {
    if (this.#open.get(session.id) !== session) return;
    const size = this.spool.outlives(session.id) ? await this.spool.size(session.id) : 0;
    this.#open.settle(session, size ?? 0);
  }

  /** Lets the session outlive the process, if its bytes do: to be called before they are acknowledged for the first time. */
  async keep(session: UploadSession): Promise<void> {
    if (!this.spool.outlives(session.id)) return;
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

  /** Once a minute, where there is something to end or to remove. */
  get sweeping(): JobKind {
    return {
      name: 'uploads.sweep',
      parse: () => ({}),
      perform: async (_payload, { progress }) => progress(await this.sweep()),
      attempts: 3,
      schedule: {
        ...{ every: sweepEveryMs, firstAfter: sweepEveryMs },
        payload: async () => ((await this.#isAnythingOver()) ? {} : undefined),
      },
      onDemand: {},
    };
  }

  /** Ends every session nobody wrote to for the time to live, and removes bytes that belong to no session. Tells how many of both. */
  async sweep(): Promise<{ readonly ended: number; readonly strays: number }> {
    let ended = 0;
    for (const session of this.#open.values()) {
      if (!this.#isExpired(session)) continue;
      await this.close(session);
      ended++;
    }
    return { ended, strays: await this.#strays.sweep(clock.steady(), this.#oldest) };
  }

  get #oldest(): number {
    return clock.steady() - this.config.registry.uploadTtlMs;
  }

  async #isAnythingOver(): Promise<boolean> {
    for (const session of this.#open.values()) if (this.#isExpired(session)) return true;
    return (await this.#strays.look(clock.steady(), this.#oldest)).length > 0;
  }

  #endAll(sessions: Iterable<UploadSession>, matches: (session: UploadSession) => boolean = () => true): void {
    for (const session of [...sessions].filter(matches)) {
      this.close(session).catch((error: unknown) => this.log.warn({ error, upload: session.id }, 'upload not ended'));
    }
  }

  /**
   * When a file was written, on the clock that nobody sets. Since the other clock may have been set before the process started,
   * nothing counts as so old that it would go within the first hour.
   */
  #momentOf(writtenAt: Date): number {
    const age = Math.max(0, clock.wall() - writtenAt.getTime());
    return clock.steady() - Math.min(age, Math.max(0, this.config.registry.uploadTtlMs - afterStartMs));
  }

  async #atWork<T>(session: UploadSession, work: () => Promise<T>): Promise<T> {
    session.atWork++;
    try {
      return await work();
    } finally {
      session.atWork--;
      session.touchedAt = clock.steady();
    }
  }

  #isExpired(session: UploadSession): boolean {
    return session.atWork === 0 && session.touchedAt < this.#oldest;
  }

  #forget(session: UploadSession): void {
    if (this.#open.remove(session)) this.#removeRow(session);
  }

  #removeRow({ id, kept }: UploadSession): void {
    if (kept === undefined) return;
    // Nobody waits for this: a row without bytes is an unknown session anyway.
    ofItself(() => this.database.write((tx) => deleteUpload(tx, id))).catch((error: unknown) =>
      this.log.warn({ error, upload: id }, 'upload row left behind'),
    );
  }

  async #record({ id, repository, subject: principal, algorithm, createdAt }: UploadSession): Promise<void> {
    if (this.#open.get(id) !== undefined) {
      const row = { id, repository, principal, algorithm, createdAt, updatedAt: new Date(clock.wall()) };
      await this.database.write((tx) => insertUpload(tx, row));
    }
  }
}

/** The account that was disabled or removed, as a subject: whatever it has begun ends with it. */
function endedBy({
  kind,
  id,
  payload,
}: Change<'user.update' | 'user.delete' | 'robot.update' | 'robot.delete'>): string | undefined {
  const [account, what] = kind.split('.');
  return what === 'delete' || !payload.enabled ? `${account}:${id}` : undefined;
}
