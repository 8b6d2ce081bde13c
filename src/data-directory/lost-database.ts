import { lstatSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { layoutPlace } from './own-files.js';
import { StartupError } from './startup-error.js';

/**
 * Throws StartupError where a Berth was, with keys and blobs, and its database is gone: a new one would start with nobody's
 * accounts and none of the images, and nobody would be told. A volume of another registry has no keys.
 * @param root the data directory, without links in it
 */
export function requireDatabase(root: string): void {
  if (sizeOf(join(root, 'berth.db')) > 0) return;
  const orphaned = sizeOf(join(root, 'berth.db-wal')) > 0;
  const used = lstatSync(join(root, 'keys'), { throwIfNoEntry: false }) !== undefined && holdsBlobs(root);
  if (!orphaned && !used) return;
  throw new StartupError(
    `The database ${join(root, 'berth.db')} is gone, and what belongs to it is still there: put it back from a backup, or run ` +
      '"berth reindex" to bring back the images without accounts and grants, or move everything else in the directory away to start as new.',
  );
}

/**
 * Before a database is made anew where one was lost: what its log holds goes to `berth.db-wal.lost`, because SQLite deletes the log of an empty
 * database, and somebody may still find the file it belongs to.
 * @param root as above
 */
export function keepLostLog(root: string): void {
  const log = join(root, 'berth.db-wal');
  if (sizeOf(join(root, 'berth.db')) === 0 && sizeOf(log) > 0) renameSync(log, `${log}.lost`);
}

function sizeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function holdsBlobs(root: string): boolean {
  const blobs = layoutPlace(root)('docker/registry/v2/blobs');
  return lstatSync(blobs, { throwIfNoEntry: false }) !== undefined && readdirSync(blobs).length > 0;
}
