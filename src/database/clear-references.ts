import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import type { Database } from './database.js';
import { itemOf, listed, listOf } from './dialect.js';

/** A column that refers to a row of another table, and goes or is emptied with it. */
interface Reference {
  readonly table: string;
  readonly column: string;
  readonly parent: string;
  readonly onDelete: 'CASCADE' | 'SET NULL';
  /** The columns of the key of `table`. */
  readonly key: string;
}

/** What is kept of something that is gone: rows of these tables with its id in this column. */
export interface Remains {
  readonly tables: readonly string[];
  readonly column: string;
  readonly id: number;
}

/** The transaction that the next piece is part of. */
interface Open {
  tx: EntityManager;
}

/** Most rows at a time. */
const mostRows = 1_000;
/** Milliseconds: a piece that took longer is followed by one of half as many rows, one that took much less by one of twice as many. */
const longestPiece = 5;
/** Milliseconds of work in one transaction when others wait for its end. */
const shortTransaction = 10;
/** And when nobody does: pages that many rows share are then written once. */
const longTransaction = 1_000;

/**
 * Does what deleting the row will do to the rows that refer to it, but piece by piece, with a turn of the event loop in between: one
 * statement would do tens of thousands at once. Part of the transaction that then deletes the row itself, for which all other writes
 * wait: for what is bounded. What other tables want done is read from the schema, so that none is forgotten.
 */
export async function clearReferences(tx: EntityManager, parent: string, id: number): Promise<void> {
  const all = await references(tx);
  for (const reference of all) {
    if (reference.parent !== parent) continue;
    for await (const _piece of clear({ tx }, all, reference, [id])) await turn();
  }
}

/**
 * Deletes them, and what refers to them, in transactions that end as soon as others wait: for what has no bound. Nobody else may
 * change these rows meanwhile. Ends early when `stopped` says so, and with what `write` throws: done again, it goes on from there.
 * @param remains tables in the order in which they go
 */
export async function clearRemains(
  database: Pick<Database, 'write' | 'awaited'>,
  remains: Remains,
  stopped: () => boolean,
): Promise<void> {
  let work: { readonly open: Open; readonly pieces: AsyncGenerator<void> } | undefined;
  for (let over = false; !over && !stopped(); ) {
    over = await database.write(async (tx) => {
      work ??= begin(tx, remains);
      const { open, pieces } = work;
      open.tx = tx; // it goes on where the last transaction ended
      const began = clock.steady();
      for (;;) {
        if ((await pieces.next()).done) return true;
        await turn();
        if (clock.steady() - began >= (database.awaited ? shortTransaction : longTransaction)) return false;
      }
    });
  }
}

function begin(tx: EntityManager, remains: Remains) {
  const open = { tx };
  return { open, pieces: clearEach(open, remains) };
}

async function* clearEach(open: Open, { tables, column, id }: Remains): AsyncGenerator<void> {
  const all = await references(open.tx);
  for (const table of tables) {
    const key = await keyOf(open.tx, table);
    yield* clear(open, all, { table, column, parent: '', onDelete: 'CASCADE', key }, [id]);
  }
}

/** Yields after each piece. */
async function* clear(
  open: Open,
  all: readonly Reference[],
  reference: Reference,
  ids: readonly number[],
): AsyncGenerator<void> {
  const list = listOf(ids);
  const { table, column, key, onDelete } = reference;
  const children = onDelete === 'CASCADE' ? all.filter((one) => one.parent === table) : [];
  const some = `SELECT ${key} FROM ${table} WHERE ${column} IN (SELECT ${itemOf('ids')} FROM ${listed('ids')}) LIMIT ?`;
  const change = onDelete === 'CASCADE' ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${column} = NULL`;
  for (let rows = 1; ; ) {
    // What refers to these in turn may be as much again.
    if (children.length > 0) {
      const found = (await open.tx.query<Row[]>(some, [list, rows])).map((row) => row.id);
      for (const child of children) yield* clear(open, all, child, found);
    }
    const began = clock.steady();
    const changed = await open.tx.query<unknown[]>(`${change} WHERE (${key}) IN (${some}) RETURNING 1`, [list, rows]);
    if (changed.length < rows) return;
    rows = nextSize(rows, clock.steady() - began);
    yield;
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

const keyColumns = (table: string) => `(SELECT group_concat(name, ', ') FROM
  (SELECT name FROM pragma_table_info(${table}) WHERE pk > 0 ORDER BY pk))`;

async function keyOf(tx: EntityManager, table: string): Promise<string> {
  const [row] = await tx.query<{ key: string }[]>(`SELECT ${keyColumns('?')} AS key`, [table]);
  return row?.key ?? '';
}

async function references(tx: EntityManager): Promise<readonly Reference[]> {
  return await tx.query<Reference[]>(
    `SELECT t.name AS "table", f."from" AS "column", f."table" AS parent, f.on_delete AS "onDelete", ${keyColumns('t.name')} AS key
      FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f
      WHERE t.type = 'table' AND f.on_delete IN ('CASCADE', 'SET NULL')`,
  );
}
