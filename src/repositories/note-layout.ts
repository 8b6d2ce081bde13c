import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { RepositoryName } from '../oci/repository-name.js';

/** Names in one note for the layout: an image may have a hundred thousand tags. */
const notedAtOnce = 1_000;

/** What the layout on the disk has to follow (src/layout): tags and digests, `*` for everything, nothing for a repository that is gone. */
export async function noteLayout(tx: EntityManager, name: RepositoryName, changed: readonly string[]): Promise<void> {
  for (let start = 0; start === 0 || start < changed.length; start += notedAtOnce) {
    if (start > 0) await turn();
    const some = changed.slice(start, start + notedAtOnce).join(' ');
    await tx.sql`INSERT INTO layout_changes (repository, changed) VALUES (${name}, ${some})`;
  }
}
