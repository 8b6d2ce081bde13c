import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/config/project-root.js';
import type { Route } from './routes.js';

/** The columns, in their order. */
export const kinds = [
  'anonymous',
  'stranger',
  'reader',
  'pusher',
  'deleter',
  'manager',
  'robot',
  'narrowed',
  'disabled',
  'expired',
  'admin',
] as const;
export type Kind = (typeof kinds)[number];

export const visibilities = ['private', 'internal', 'public'] as const;
export type Visibility = (typeof visibilities)[number];

/** What a cell says: it works, it leads to the sign-in page, or the status of the refusal. */
export type Outcome = 'ok' | 'in' | '401' | '403' | '404' | '405';
const outcomes: readonly string[] = ['ok', 'in', '401', '403', '404', '405'] satisfies Outcome[];

/** What is expected of everybody who asks one route about a repository of one visibility. */
export interface Row {
  readonly method: string;
  readonly path: string;
  readonly where: Visibility | 'any';
  readonly cells: Readonly<Record<Kind, Outcome>>;
}

export const tableFile = join(projectRoot(), 'docs', 'authorization.md');

/** The rows of the table. Throws for a line that is none. */
export function readTable(): Row[] {
  const [, block = ''] = /```text\n([\s\S]+?)```/.exec(readFileSync(tableFile, 'utf8')) ?? [];
  const [head, ...lines] = block.split('\n').filter((line) => line.trim() !== '');
  const columns = head?.trim().split(/\s+/).slice(3) ?? [];
  if (columns.join() !== kinds.join()) throw new Error(`the columns of the table are ${columns.join(', ')}`);
  return lines.map(parseRow);
}

function parseRow(line: string): Row {
  const [method = '', path = '', where = '', ...texts] = line.trim().split(/\s+/);
  const isPlace = where === 'any' || (visibilities as readonly string[]).includes(where);
  if (!isPlace || texts.length !== kinds.length || !texts.every((text) => outcomes.includes(text)))
    throw new Error(`no row of the table: ${line}`);
  const cells = Object.fromEntries(kinds.map((kind, index) => [kind, texts[index]]));
  return { method, path, where: where as Row['where'], cells: cells as Row['cells'] }; // checked above
}

/** The same method and path. */
export function nameOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** A row for each visibility that makes a difference. */
export function rowsOf(route: Route, table: readonly Row[]): { readonly where: Visibility; readonly row: Row }[] {
  const rows = table.filter((row) => nameOf(row) === nameOf(route));
  const places = route.ofRepository ? visibilities : (['private'] as const);
  return places.flatMap((where) => {
    const row = rows.find((candidate) => candidate.where === where || candidate.where === 'any');
    return row === undefined ? [] : [{ where, row }];
  });
}
