import { clock } from '../async/clock.js';
import type { Database } from '../database/database.js';
import { fitting, type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import type { AuditAction, AuditResult } from './actions.js';
import { type AuditFilter, type AuditOrder, type AuditPage, type AuditPlace, eventsOf } from './audit-query.store.js';

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

/** Characters of the rows of a page, about; an access token's scopes alone may have 16,000. */
const mostOfPage = 768 * 1024;
/** The same of the rows of an export that are in memory at a time, and how many those are at first and at most. */
const mostOfPiece = 64 * 1024;
const firstPiece = 50;
const largestPiece = 100;
/** What a row has beside its detail, about. */
const rowCharacters = 512;
const placeGrammar = /^(\d{1,15})\.(\d{1,15})$/;

/** Reads the record, in the process for searches. */
export class AuditReader {
  constructor(private readonly database: Pick<Database, 'search'>) {}

  /**
   * Fewer than `limit` where they are long.
   * @param cursor the `nextCursor` of the page before; see {@link isAuditCursor}
   */
  async page(
    filter: AuditFilter,
    { limit, order, cursor }: { readonly limit: number; readonly order?: AuditOrder; readonly cursor?: string },
    by?: Seeker,
  ): Promise<Page<AuditEvent>> {
    const after = cursor === undefined ? undefined : toPlace(cursor);
    const rows = await this.#rows(filter, { limit: limit + 1, order, after }, by);
    // Never none: a page without anything would have no place to read on from.
    const most = Math.max(1, Math.min(limit, fitting(rows, mostOfPage, weigh).items.length));
    return pageOf(rows.map(toEvent), most, ({ at, id }) => `${at.getTime()}.${id}`);
  }

  /** Everything that matches now, in pieces; the next is read when the one before has been taken. */
  async *all(filter: AuditFilter, order?: AuditOrder, by?: Seeker): AsyncGenerator<AuditEvent[]> {
    // What happens during the export is not part of it, or it would never end.
    const bounded = { ...filter, to: filter.to ?? new Date(clock.wall() + 1) };
    let after: AuditPlace | undefined;
    for (let piece = firstPiece; ; ) {
      const rows = await this.#rows(bounded, { limit: piece, order, after }, by);
      const { length } = rows;
      const weight = rows.reduce((sum, row) => sum + weigh(row), 0);
      after = rows.at(-1);
      if (length > 0) yield rows.splice(0).map(toEvent); // this may wait for long, and holds none of them meanwhile
      if (length < piece || after === undefined) return;
      piece = Math.min(largestPiece, Math.max(1, Math.floor((length * mostOfPiece) / weight)));
    }
  }

  async #rows(filter: AuditFilter, page: AuditPage, by: Seeker | undefined): Promise<Row[]> {
    return await eventsOf<Row>(this.database, filter, page, by);
  }
}

function weigh({ detail }: Row): number {
  return rowCharacters + detail.length;
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
