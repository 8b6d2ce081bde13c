import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** What changes because somebody asks, and not because somebody changes something. */
const volatile = /^(last_seen_at|last_used_at|last_used_address|last_sign_in_at)$/;
/**
 * Refusals are recorded, an unfinished upload may be noted whenever the program likes (see `Objects.uploaded`), and so may how far those
 * are who follow the changes. What they all have followed goes, so of the changes the last position counts.
 */
const otherwise = ['audit_events', 'uploads', 'consumers', 'changes'];

/** Everything that is stored: each row of the database, and the size of each file. */
export async function everythingStored(dataDir: string): Promise<string[]> {
  return [...rowsOf(join(dataDir, 'berth.db')), ...(await filesBelow(dataDir))].sort();
}

function rowsOf(file: string): string[] {
  const database = new Sqlite(file, { readonly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
    const through = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").pluck().get();
    const rows = tables
      .filter((table) => !otherwise.includes(table) && !table.startsWith('sqlite_'))
      .flatMap((table) => {
        const rows = database.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[];
        return rows
          .filter(({ actor }) => table !== 'jobs' || actor !== 'system')
          .map((row) => `${table} ${JSON.stringify(row, (key, value) => shown(table, key, value))}`);
      });
    return [...rows, `changes through ${through}`];
  } finally {
    database.close();
  }
}

/** The end of an idle session moves with its use. */
function shown(table: string, column: string, value: unknown): unknown {
  const moves = volatile.test(column) || (table === 'sessions' && column === 'expires_at');
  return moves ? undefined : value;
}

async function filesBelow(dataDir: string): Promise<string[]> {
  const files: string[] = [];
  for (const folder of ['docker', 'keys']) {
    for (const entry of await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.push(`file ${path} ${(await stat(path)).size}`);
    }
  }
  return files;
}
