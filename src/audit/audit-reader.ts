import type { Database } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import type { AuditAction, AuditResult } from './actions.js';
import { type AuditFilter, type AuditOrder, type AuditPage, type AuditPlace, auditQuery } from './audit-query.js';

/** What is known of one event, or of an hour of the same one. */
export interface AuditEvent {
  readonly id: number;
  readonly at: Date;
  /** When it happened last; as `at` unless `count` is more than 1. */
  readonly lastAt: Date;
  readonly count: number;
  readonly action: AuditAction;
  readonly result: AuditResult;
  readonly actor: string;
  readonly resource: string;
  readonly reference: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly detail: {
    readonly before?: Readonly<Record<string, unknown>>;
    readonly after?: Readonly<Record<string, unknown>>;
  };
}

interface Row extends Omit<AuditEvent, 'at' | 'lastAt' | 'detail'> {
  readonly at: number;
  readonly lastAt: number;
  readonly detail: string;
}

/** Rows of an export that are in memory at a time. */
const piece = 500;
const placeGrammar = /^(\d{1,15})\.(\d{1,15})$/;

/** Reads the record, in the process for searches. */
export class AuditReader {
  constructor(private readonly database: Pick<Database, 'search'>) {}

  /** @param cursor the `nextCursor` of the page before; see {@link isAuditCursor} */
  async page(
    filter: AuditFilter,
    { limit, order, cursor }: { readonly limit: number; readonly order?: AuditOrder; readonly cursor?: string },
    by?: Seeker,
  ): Promise<Page<AuditEvent>> {
    const after = cursor === undefined ? undefined : toPlace(cursor);
    const rows = await this.#rows(filter, { limit: limit + 1, order, after }, by);
    return pageOf(rows.map(toEvent), limit, ({ at, id }) => `${at.getTime()}.${id}`);
  }

  /** Everything that matches now, in pieces; the next is read when the one before has been taken. */
  async *all(filter: AuditFilter, order?: AuditOrder, by?: Seeker): AsyncGenerator<AuditEvent[]> {
    // What happens during the export is not part of it, or it would never end.
    const bounded = { ...filter, to: filter.to ?? new Date(Date.now() + 1) };
    let after: AuditPlace | undefined;
    for (;;) {
      const rows = await this.#rows(bounded, { limit: piece, order, after }, by);
      if (rows.length > 0) yield rows.map(toEvent);
      after = rows.at(-1);
      if (rows.length < piece || after === undefined) return;
    }
  }

  async #rows(filter: AuditFilter, page: AuditPage, by: Seeker | undefined): Promise<Row[]> {
    const query = auditQuery(filter, page);
    return query === undefined ? [] : await this.database.search<Row>(query.sql, query.values, by);
  }
}

/** Whether a page could have given this cursor. */
export function isAuditCursor(text: string): boolean {
  return placeGrammar.test(text);
}

function toPlace(cursor: string): AuditPlace | undefined {
  const [, at, id] = placeGrammar.exec(cursor) ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at), id: Number(id) };
}

function toEvent({ at, lastAt, detail, ...rest }: Row): AuditEvent {
  return { ...rest, at: new Date(at), lastAt: new Date(lastAt), detail: JSON.parse(detail) as AuditEvent['detail'] }; // written by record.ts
}
