/** The code of SQLite in an error of better-sqlite3 or of TypeORM around it, such as SQLITE_CONSTRAINT_UNIQUE. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return code;
  const { driverError } = error as { driverError?: unknown };
  return driverError === undefined ? undefined : sqliteCode(driverError);
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
