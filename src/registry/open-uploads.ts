import type { Config } from '../config/config.js';
import { Failure } from '../errors/failure.js';
import type { DigestAlgorithm } from '../oci/digest.js';
import type { SessionId } from '../storage/upload-spool.js';
import { ownText } from '../text/own-text.js';

/** Whose upload it is and where it goes: nobody else can see it, whatever ids they guess. */
export interface UploadSession {
  readonly id: SessionId;
  readonly repository: string;
  /** Subject of the identity that started it. */
  readonly subject: string;
  readonly algorithm: DigestAlgorithm;
  readonly createdAt: Date;
  /** Counts up with every session that is added. */
  readonly place: number;
  /** Requests that write or seal at present: none is cut off, however long it takes. */
  atWork: number;
  /** Of the last request that did, in milliseconds of the clock that nobody sets. */
  touchedAt: number;
  /** Set when a row says so too. It is written before bytes are acknowledged, since until then there is nothing to resume. */
  kept: Promise<void> | undefined;
  /** On the disk, or on their way there. */
  bytes: number;
}

/** What is known of a session when it is added. */
type NewSession = Omit<UploadSession, 'place' | 'atWork' | 'kept' | 'bytes'> &
  Partial<Pick<UploadSession, 'kept' | 'bytes'>>;

export type UploadLimits = Pick<
  Config['registry'],
  'uploadsPerUser' | 'uploadsPerRobot' | 'uploadBytesPerUser' | 'uploadBytes'
>;

/** What one account has open. */
interface Holding {
  /** In the order in which they were opened. */
  readonly sessions: Set<UploadSession>;
  /** Places for sessions that are being opened. */
  promised: number;
  bytes: number;
}

/** Milliseconds without news after which a session makes room for another one of its account. */
const givesWayAfter = 600_000;

/**
 * The open sessions, in the order in which they were opened, with what each account has of them: nobody takes more places or
 * bytes than allowed, however many ask at once.
 */
export class OpenUploads {
  readonly #all = new Map<SessionId, UploadSession>();
  readonly #held = new Map<string, Holding>();
  #bytes = 0;
  #last = 0;

  constructor(private readonly limits: UploadLimits) {}

  get(id: SessionId): UploadSession | undefined {
    return this.#all.get(id);
  }

  values(): Iterable<UploadSession> {
    return this.#all.values();
  }

  of(subject: string): Iterable<UploadSession> {
    return this.#held.get(subject)?.sessions ?? [];
  }

  subjects(): Iterable<string> {
    return this.#held.keys();
  }

  /**
   * Keeps a place for a session that is being opened, until it is released. When there is none it is that of the session of the account
   * that has been idle longest, which the caller ends. Throws TOO_MANY_REQUESTS when none has been for long enough.
   */
  promise(subject: string, now: number): UploadSession | undefined {
    const holding = this.#holding(subject);
    let leaving: UploadSession | undefined;
    if (holding.sessions.size + holding.promised >= this.#most(subject)) {
      leaving = longestIdle(holding.sessions, now - givesWayAfter);
      if (leaving === undefined) {
        this.#dropEmpty(subject, holding);
        throw tooMuch('too many open uploads: finish or cancel some');
      }
    }
    holding.promised++;
    return leaving;
  }

  /** Gives a promised place back. */
  release(subject: string): void {
    const holding = this.#holding(subject);
    holding.promised--;
    this.#dropEmpty(subject, holding);
  }

  add(given: NewSession): UploadSession {
    const repository = ownText(given.repository); // for a day, and the request is over in a moment
    const session = { kept: undefined, bytes: 0, ...given, repository, atWork: 0, place: ++this.#last };
    const holding = this.#holding(session.subject);
    this.#all.set(session.id, session);
    holding.sessions.add(session);
    holding.bytes += session.bytes;
    this.#bytes += session.bytes;
    return session;
  }

  /** False when it was not there any more. */
  remove(session: UploadSession): boolean {
    if (!this.#all.delete(session.id)) return false;
    const holding = this.#holding(session.subject);
    holding.sessions.delete(session);
    holding.bytes -= session.bytes;
    this.#bytes -= session.bytes;
    this.#dropEmpty(session.subject, holding);
    return true;
  }

  /** Counts bytes that are about to be written. Throws TOO_MANY_REQUESTS, STORAGE_FULL, and BLOB_UPLOAD_UNKNOWN for what was ended. */
  claim(session: UploadSession, bytes: number): void {
    if (this.#all.get(session.id) !== session) throw new Failure('BLOB_UPLOAD_UNKNOWN');
    if (this.#holding(session.subject).bytes + bytes > this.limits.uploadBytesPerUser)
      throw tooMuch('your unfinished uploads take as much as they may: finish or cancel some');
    if (this.#bytes + bytes > this.limits.uploadBytes)
      throw new Failure('STORAGE_FULL', { cause: new Error('unfinished uploads take as much as they may') });
    this.settle(session, session.bytes + bytes);
  }

  /** Says how many bytes it really has. */
  settle(session: UploadSession, bytes: number): void {
    if (this.#all.get(session.id) !== session) return;
    const more = bytes - session.bytes;
    session.bytes = bytes;
    this.#holding(session.subject).bytes += more;
    this.#bytes += more;
  }

  #most(subject: string): number {
    return subject.startsWith('robot:') ? this.limits.uploadsPerRobot : this.limits.uploadsPerUser;
  }

  #holding(subject: string): Holding {
    const known = this.#held.get(subject);
    if (known !== undefined) return known;
    const holding = { sessions: new Set<UploadSession>(), promised: 0, bytes: 0 };
    this.#held.set(subject, holding);
    return holding;
  }

  #dropEmpty(subject: string, { sessions, promised }: Holding): void {
    if (sessions.size + promised === 0) this.#held.delete(subject);
  }
}

/** The one without news for longest, if that is since before `latest`. */
function longestIdle(sessions: Iterable<UploadSession>, latest: number): UploadSession | undefined {
  let found: UploadSession | undefined;
  for (const session of sessions) {
    if (session.atWork === 0 && session.touchedAt < (found?.touchedAt ?? latest)) found = session;
  }
  return found;
}

function tooMuch(message: string): Failure {
  return new Failure('TOO_MANY_REQUESTS', { message, headers: { 'Retry-After': '60' } });
}
