import { requireThroughout } from '../access/origin.js';
import { isAdministrator, type Principal, principalKey } from '../access/principal.js';
import type { EndedAccounts } from '../auth/ended-accounts.js';
import type { Page } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { UploadSession } from './open-uploads.js';
import type { UploadSessions } from './upload-sessions.js';

/** Who asks, as they are whenever it is read. */
interface UploadAsker {
  readonly principal: Principal;
}

/** An unfinished upload, and who pushes. */
export interface ManagedUpload {
  readonly session: UploadSession;
  /** The name is null for an account that is gone. */
  readonly account: { readonly type: 'user' | 'robot'; readonly name: string | null };
  /** Milliseconds since somebody last wrote to it. */
  readonly idleMs: number;
}

/** The unfinished uploads as one asker may use them: accounts their own, an administrator all. One of somebody else looks as if it did not exist. */
export class ManagedUploads {
  constructor(
    private readonly by: UploadAsker,
    private readonly sessions: UploadSessions,
    private readonly accounts: Pick<EndedAccounts, 'find'>,
  ) {}

  /** Oldest first. */
  async list(place: { readonly limit: number; readonly cursor?: string }): Promise<Page<ManagedUpload>> {
    const { principal } = this.by;
    const page = this.sessions.list({
      ...place,
      ...(!isAdministrator(principal) && { subject: principalKey(principal) }),
    });
    return { ...page, items: await Promise.all(page.items.map((session) => this.#describe(session))) };
  }

  /** Throws NOT_FOUND. */
  async get(id: string): Promise<ManagedUpload> {
    return await this.#describe(this.#find(id));
  }

  /** Ends it; a request that writes to it is cut off. Throws NOT_FOUND, also when the asker may not any more once it is to be written down. */
  async end(id: string): Promise<void> {
    const session = this.#find(id);
    await requireThroughout(() => {
      this.#requireSeen(session);
    });
    const { account } = await this.#describe(session);
    await this.sessions.end(session, `${account.type}:${account.name ?? ''}`);
  }

  #find(id: string): UploadSession {
    return this.#requireSeen(this.sessions.byId(id));
  }

  #requireSeen(session: UploadSession | undefined): UploadSession {
    const { principal } = this.by;
    if (session === undefined || !(isAdministrator(principal) || session.subject === principalKey(principal)))
      throw new Failure('NOT_FOUND', { message: 'there is no such upload' });
    return session;
  }

  async #describe(session: UploadSession): Promise<ManagedUpload> {
    const { subject } = session;
    const type = subject.startsWith('robot:') ? 'robot' : 'user';
    const name = (await this.accounts.find(subject))?.name ?? null;
    return { session, account: { type, name }, idleMs: this.sessions.idleMs(session) };
  }
}
