import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from './startup-error.js';

/** What everything in a data directory rests on. Keys are looked at by whoever reads them. */
const folders = ['uploads', 'keys', 'docker', 'docker/registry', 'docker/registry/v2'];
const layoutFolders = ['blobs', 'repositories'].map((name) => `docker/registry/v2/${name}`);
const files = [
  'berth.db',
  'changes.json',
  'berth.db-wal',
  'berth.db-shm',
  'berth.db-journal',
  'berth.lock',
  'berth.lock-journal',
];

/**
 * Looks at what everything below a data directory rests on (docs/adr/0017): each name is a real folder or file, and nobody
 * else may put something else there. Gives the names that the group may change, for a warning.
 * @param root the data directory, without links in it
 * @throws StartupError
 */
export function checkOwnFiles(root: string): string[] {
  const open: string[] = [];
  const look = (name: string, kind: 'folder' | 'file') => {
    const path = join(root, name);
    const found = statOf(path, name === 'docker');
    if (found === undefined) return;
    if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) throw new StartupError(`${path} is not a ${kind}.`);
    if ((found.mode & 0o002) !== 0) {
      const orInside =
        name === '' ? ', or let BERTH_DATA_DIR name a folder in it, which Berth then makes for itself' : '';
      throw new StartupError(`${path} can be changed by every user of this machine; run "chmod o-w" on it${orInside}.`);
    }
    if ((found.mode & 0o020) !== 0) open.push(path);
  };
  for (const name of ['', ...folders, ...layoutFolders]) look(name, 'folder');
  for (const name of files) look(name, 'file');
  return open;
}

/** Where something of CNCF Distribution's layout, `docker/…`, lies. The folder `docker` may be a link, which is followed here and only here. */
export function layoutPlace(dataDir: string): (path: string) => string {
  const place = join(dataDir, 'docker');
  const docker = statOf(place, true) === undefined ? place : realpathSync(place);
  return (path) => join(docker, path.slice('docker'.length));
}

/** Undefined where nothing is. Throws StartupError for a link that may not be one. */
function statOf(path: string, mayBeLink: boolean): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isSymbolicLink()) return found;
  if (!mayBeLink)
    throw new StartupError(`${path} is a link; only the data directory itself and its folder docker may be links.`);
  const target = statSync(path, { throwIfNoEntry: false });
  if (target === undefined) throw new StartupError(`${path} is a link to nothing.`);
  return target;
}
