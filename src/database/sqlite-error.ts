/**
 * The code of SQLite, such as SQLITE_CONSTRAINT_UNIQUE, in an error of better-sqlite3, of TypeORM around it,
 * or in what is left of one that came out of a thread.
 */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_')) return error.code;
  return 'driverError' in error ? sqliteCode(error.driverError) : undefined;
}

/** True when a write failed because such a row is already there. */
export function violatesUnique(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** True when a write names a row that does not exist, or removes one that others name. */
export function violatesForeignKey(error: unknown): boolean {
  return sqliteCode(error) === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}
