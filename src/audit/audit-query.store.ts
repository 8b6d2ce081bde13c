import type { Database, Selection } from '../database/database.js';
import type { Seeker } from '../database/seeker.js';
import { type AuditAction, type AuditResult, actionsWithResult, auditActionNames } from './actions.js';

/** Every part narrows. */
export interface AuditFilter {
  readonly action?: AuditAction;
  /** `user:ada`, `robot:team+ci`, `anonymous`, `system`. */
  readonly actor?: string;
  /** `repository:team/app`, … */
  readonly resource?: string;
  readonly result?: AuditResult;
  readonly address?: string;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
}

export type AuditOrder = 'newest' | 'oldest';

/** A row of the list: where the next piece goes on. */
export interface AuditPlace {
  readonly at: number;
  readonly id: number;
}

/** Rows that are wanted at a time. */
export interface AuditPage {
  readonly limit: number;
  readonly order?: AuditOrder;
  readonly after?: AuditPlace;
}

const columns = `id, at, last_at AS "lastAt", count, action, result, actor, resource, reference, address,
  user_agent AS "userAgent", request_id AS "requestId", detail`;

/** The rows of a page, read in the process for searches. */
export async function eventsOf<Row>(
  database: Pick<Database, 'search'>,
  filter: AuditFilter,
  page: AuditPage,
  by?: Seeker,
): Promise<Row[]> {
  const query = auditQuery(filter, page);
  return query === undefined ? [] : database.search<Row>(query.sql, query.values, by);
}

/**
 * The rows behind `after`, in order. Whatever of actor, resource and address is given has an index with the action and the time behind
 * it: one seek for each action that can match, merged, and what is not on the page is not read. So a page costs the same wherever it
 * begins and however little of what each filter matches the others leave. Undefined when nothing can match.
 */
export function auditQuery(filter: AuditFilter, { limit, order = 'newest', after }: AuditPage): Selection | undefined {
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const ordered = `ORDER BY at ${direction}, id ${direction} LIMIT ${limit}`;
  const named = (['actor', 'resource', 'address'] as const).flatMap((column) => {
    const value = filter[column];
    return value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];
  });
  const times = timeConditions(filter, order, after);
  const possible = possibleActions(filter);

  if (named.length === 0 && possible.length === auditActionNames.length) {
    const { sql, values } = where(times);
    return { sql: `SELECT ${columns} FROM audit_events ${sql} ${ordered}`, values };
  }
  if (possible.length === 0) return undefined;
  const arms = possible.map((action) => where([...named, { sql: 'action = ?', values: [action] }, ...times]));
  // The places come from the index alone; only the rows of the page are read.
  const union = arms.map((arm) => `SELECT * FROM (SELECT at, id FROM audit_events ${arm.sql} ${ordered}) AS arm`);
  const places = `SELECT id AS place FROM (${union.join(' UNION ALL ')}) AS arms ${ordered}`;
  return {
    sql: `SELECT ${columns} FROM (${places}) AS page JOIN audit_events ON id = place ORDER BY at ${direction}, id ${direction}`,
    values: arms.flatMap((arm) => arm.values),
  };
}

/** The result is a fact of the action, so it needs no column in an index. */
function possibleActions({ action, result }: AuditFilter): readonly AuditAction[] {
  const possible = result === undefined ? auditActionNames : actionsWithResult(result);
  return action === undefined ? possible : possible.filter((one) => one === action);
}

function timeConditions({ from, to }: AuditFilter, order: AuditOrder, after: AuditPlace | undefined): Selection[] {
  const conditions: Selection[] = [];
  if (from !== undefined) conditions.push({ sql: 'at >= ?', values: [from.getTime()] });
  if (to !== undefined) conditions.push({ sql: 'at < ?', values: [to.getTime()] });
  if (after !== undefined) {
    const behind = order === 'newest' ? '<' : '>';
    conditions.push({ sql: `(at, id) ${behind} (?, ?)`, values: [after.at, after.id] });
  }
  return conditions;
}

function where(conditions: readonly Selection[]): Selection {
  if (conditions.length === 0) return { sql: '', values: [] };
  return {
    sql: `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
    values: conditions.flatMap(({ values }) => values),
  };
}
