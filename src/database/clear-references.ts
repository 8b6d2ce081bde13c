import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';

/** A column that refers to a row of another table, and goes or is emptied with it. */
interface Reference {
  readonly table: string;
  readonly column: string;
  readonly parent: string;
  readonly onDelete: 'CASCADE' | 'SET NULL';
  /** The columns of the key of `table`. */
  readonly key: string;
}

/** Most rows at a time. */
const mostRows = 1_000;
/** Milliseconds: a piece that took longer is followed by one of half as many rows, one that took much less by one of twice as many. */
const longestPiece = 5;

/**
 * Does what deleting the row will do to the rows that refer to it, but piece by piece, with a turn of the event loop in between: one
 * statement would do hundreds of thousands, or rewrite gigabytes, at once. Part of the transaction that then deletes the row itself.
 * What other tables want done is read from the schema, so that none is forgotten.
 */
export async function clearReferences(tx: EntityManager, parent: string, id: number): Promise<void> {
  await clear(tx, await references(tx), parent, [id]);
}

async function clear(
  tx: EntityManager,
  all: readonly Reference[],
  parent: string,
  ids: readonly number[],
): Promise<void> {
  const list = JSON.stringify(ids);
  for (const reference of all.filter((one) => one.parent === parent)) {
    const { table, column, key, onDelete } = reference;
    const isParent = onDelete === 'CASCADE' && all.some((one) => one.parent === table);
    const some = `SELECT ${key} FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?)) LIMIT ?`;
    const change = onDelete === 'CASCADE' ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${column} = NULL`;
    for (let rows = 1; ; await turn()) {
      // What refers to these in turn may be as much again.
      if (isParent)
        await clear(
          tx,
          all,
          table,
          (await tx.query<Row[]>(some, [list, rows])).map((row) => row.id),
        );
      const began = performance.now();
      const changed = await tx.query<unknown[]>(`${change} WHERE (${key}) IN (${some}) RETURNING 1`, [list, rows]);
      if (changed.length < rows) break;
      rows = nextSize(rows, performance.now() - began);
    }
  }
}

interface Row {
  /** Tables that others refer to have this key. */
  readonly id: number;
}

function nextSize(rows: number, ms: number): number {
  if (ms > longestPiece) return Math.max(1, Math.floor(rows / 2));
  return ms < longestPiece / 4 ? Math.min(mostRows, rows * 2) : rows;
}

async function references(tx: EntityManager): Promise<readonly Reference[]> {
  return await tx.query<Reference[]>(
    `SELECT t.name AS "table", f."from" AS "column", f."table" AS parent, f.on_delete AS "onDelete",
      (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) AS key
      FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f
      WHERE t.type = 'table' AND f.on_delete IN ('CASCADE', 'SET NULL')`,
  );
}
