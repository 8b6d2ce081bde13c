import { clearRemains } from '../database/clear-references.js';
import type { Database } from '../database/database.js';

/** Tables of this room with a column for the repository; tags before what they point to. */
const tables = ['tags', 'tag_moves', 'manifests', 'blob_links'];

/** Deletes all that a removed repository had, in small transactions; see {@link clearRemains}. */
export function clearContents(database: Database, repositoryId: number, stopped: () => boolean): Promise<void> {
  return clearRemains(database, { tables, column: 'repository_id', id: repositoryId }, stopped);
}
