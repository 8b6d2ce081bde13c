import type { SessionId, UploadSpool } from '../storage/upload-spool.js';

/** Bytes in the spool that belong to no session: of a crash, or of an upload that is just becoming a blob. */
export class StrayBytes {
  /** Since when they are known, in milliseconds of the clock that nobody sets. */
  #since = new Map<SessionId, number>();

  /** @param belongs whether there is a session of this id */
  constructor(
    private readonly spool: Pick<UploadSpool, 'list' | 'discard'>,
    private readonly belongs: (id: SessionId) => boolean,
  ) {}

  /** What was there at the start, and when it was written. */
  note(id: SessionId, writtenAt: number): void {
    this.#since.set(id, writtenAt);
  }

  /** Looks at what is there. @returns what is known since before `oldest` */
  async look(now: number, oldest: number): Promise<SessionId[]> {
    const known = new Map<SessionId, number>();
    for await (const { id } of this.spool.list()) if (!this.belongs(id)) known.set(id, this.#since.get(id) ?? now);
    this.#since = known;
    return [...known].flatMap(([id, since]) => (since < oldest ? [id] : []));
  }

  /** Removes what is known since before `oldest`. @returns how many */
  async sweep(now: number, oldest: number): Promise<number> {
    const old = await this.look(now, oldest);
    for (const id of old) if (!this.belongs(id)) await this.spool.discard(id);
    return old.length;
  }
}
