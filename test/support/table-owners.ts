import { rooms } from './rooms.js';
import { sqlSites } from './sql-sites.js';

const owned = Object.entries(rooms).flatMap(([room, { tables }]) => tables.map((table) => ({ room, table })));

/** Every table and view of the table of rooms, each as often as it has owners. */
export const ownedTables = owned.map(({ table }) => table);
export const publishedViews = Object.values(rooms).flatMap(({ views }) => views);

/** `berth fsck` compares what the rooms say with each other and with the disk: this one file reads every table and changes none. */
const readsEveryTable = ['integrity/index.store.ts'];
/** Where SQLite is a lock and a file, and not what is asked. */
const holdsTheFile = ['data-directory'];
/** Lists of entity classes, for the data source. */
const entityLists = ['entities.ts', 'users/entities.ts'];

/** What is wrong with the statements of one file of src/, a sentence each, none twice. `file` is relative to src/. */
export function sqlViolations(file: string, source: string): string[] {
  const [room = '', ...inside] = file.split('/');
  if (room === 'database' || entityLists.includes(file)) return [];
  const { tables, entities, asks, texts, dialect } = sqlSites(source, ownedTables);
  const found: string[] = [];
  if (!readsEveryTable.includes(file)) found.push(...tables.flatMap((table) => foreign(file, room, table)));
  for (const { name, from } of entities) {
    const owner = new URL(from, `file:///${file}`).pathname.split('/')[1] ?? '';
    if (owner !== room) found.push(`${file} names ${name}, which is the row of a table of ${owner}/`);
  }
  if (!file.endsWith('.store.ts') && (asks.length > 0 || texts.length > 0 || entities.some(({ asValue }) => asValue)))
    found.push(`${file} asks the database and is no store`);
  if (asks.some((asked) => asked.endsWith('.query')))
    found.push(`${file} asks by query, which neither knows rows nor keeps statements`);
  if (inside.length > 0 && !holdsTheFile.includes(room))
    found.push(...dialect.map((word) => `${file} says ${word}, which is a word of one database`));
  return [...new Set(found)].sort();
}

function foreign(file: string, room: string, table: string): string[] {
  const owner = owned.find((one) => one.table === table);
  return owner === undefined || owner.room === room ? [] : [`${file} names ${table}, a table of ${owner.room}/`];
}
