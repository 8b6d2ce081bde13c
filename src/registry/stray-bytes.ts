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

  /** Removes what is known since before `oldest`. */
  async sweep(now: number, oldest: number): Promise<void> {
    const left = new Map<SessionId, number>();
    for await (const { id } of this.spool.list()) {
      if (this.belongs(id)) continue;
      const since = this.#since.get(id) ?? now;
      if (since < oldest) await this.spool.discard(id);
      else left.set(id, since);
    }
    this.#since = left;
  }
}
