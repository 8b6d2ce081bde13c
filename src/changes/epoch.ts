import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Database } from '../database/database.js';
import { errorCode } from '../errors/error-code.js';
import { ChangesStore } from './changes.store.js';

/** How far the feed was, as a file beside the database says it. */
export interface FeedMark {
  readonly epoch: string;
  readonly position: number;
}

/**
 * A small file beside the database. It is ahead of a database that was restored from a backup, so the next start notices. It may be
 * behind, and when it is lost, consumers look at everything once.
 */
export class EpochFile {
  constructor(private readonly path: string) {}

  /** Undefined when there is none that can be read. */
  async read(): Promise<FeedMark | undefined> {
    try {
      const said: unknown = JSON.parse(await readFile(this.path, 'utf8'));
      return isMark(said) ? said : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || errorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** Does nothing when the file is gone: the database was then moved away, or replaced. */
  async replace(mark: FeedMark): Promise<void> {
    if ((await this.read()) !== undefined) await this.write(mark);
  }

  async write({ epoch, position }: FeedMark): Promise<void> {
    const draft = `${this.path}.new`;
    await rm(draft, { recursive: true, force: true });
    await writeFile(draft, JSON.stringify({ epoch, position }), { mode: 0o600, flag: 'wx' });
    await rename(draft, this.path);
  }
}

/**
 * The epoch that positions are of from now on: that of the last change, unless the database is not the one that ran here last. Then a
 * new one begins, and every consumer reconciles.
 */
export async function openEpoch(database: Database, file: Pick<EpochFile, 'read' | 'write'>): Promise<string> {
  const feed = new ChangesStore(database);
  const [newest, mark] = [await feed.newest(), await file.read()];
  if (newest !== undefined && mark?.epoch === newest.epoch && mark.position <= newest.position) return newest.epoch;
  const epoch = randomUUID();
  await database.write((tx) => feed.append(tx, epoch, { kind: 'epoch.begin', id: null, payload: {} }));
  await file.write({ epoch, position: 0 });
  return epoch;
}

function isMark(said: unknown): said is FeedMark {
  if (typeof said !== 'object' || said === null || !('epoch' in said) || !('position' in said)) return false;
  return typeof said.epoch === 'string' && typeof said.position === 'number';
}
