import type { Database } from '../../database/database.js';
import type { Seeker } from '../../database/seeker.js';
import { allBlobBytes, contentCounts } from '../../images/totals.store.js';
import { grantCounts } from '../../permissions/grants.store.js';
import { uploadCounts } from '../../registry/uploads.store.js';
import { repositoryCounts } from '../../repositories/repositories.store.js';
import { accountCounts } from '../../users/users.store.js';

/** How each owner counts its rows. */
const counts = { ...accountCounts, ...repositoryCounts, ...contentCounts, ...uploadCounts, ...grantCounts };

export type CountedRows = keyof typeof counts;
export const countedRows = Object.keys(counts) as CountedRows[];

const columns = countedRows.map((rows) => `(${counts[rows]}) AS "${rows}"`).join(', ');

/** How much there is of everything, in one look. It reads every row, so it runs in the process for searches. */
export async function countRows(
  database: Database,
  by: Seeker,
): Promise<Record<CountedRows, number> & { readonly blobBytes: number }> {
  const sql = `SELECT ${columns}, (${allBlobBytes}) AS "blobBytes"`;
  const [found] = await database.search<Record<CountedRows, number> & { blobBytes: number }>(sql, [], by);
  if (!found) throw new Error('the database returned no row for its counts');
  return found;
}
