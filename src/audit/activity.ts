import type { Database, Selection } from '../database/database.js';
import type { Seeker } from '../database/seeker.js';

/** How often something happened on one day (UTC). */
export interface DayCount {
  /** `2027-01-31` */
  readonly day: string;
  readonly pulls: number;
  readonly pushes: number;
}

export interface RecentPush {
  readonly repository: string;
  /** The tag, or the digest of what was pushed without one. */
  readonly reference: string;
  readonly digest: string;
  readonly at: Date;
  /** `user:ada` */
  readonly actor: string;
}

const dayMs = 86_400_000;

/** What went on in some repositories, as far as the record reaches back. Read in the process for searches. */
export class Activity {
  constructor(
    private readonly database: Pick<Database, 'search'>,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Pulls and pushes of the last `days` days, the oldest first and today last, each day there.
   * @param repositories a query with the columns `id` and `name`; what happened goes with a repository when it is renamed
   */
  async byDay(repositories: Selection, days: number, by?: Seeker): Promise<DayCount[]> {
    const first = this.#firstDay(days);
    const rows = await this.database.search<{ day: number; action: string; count: number }>(
      `${happened(repositories)}
      SELECT time / ${dayMs} AS day, action, SUM(count) AS count FROM happened GROUP BY time / ${dayMs}, action`,
      [...repositories.values, 'pull', 'push', first * dayMs],
      by,
    );
    const counts = new Map(rows.map(({ day, action, count }) => [`${action} ${day}`, Number(count)]));
    return Array.from({ length: days }, (_, index) => ({
      day: new Date((first + index) * dayMs).toISOString().slice(0, 10),
      pulls: counts.get(`pull ${first + index}`) ?? 0,
      pushes: counts.get(`push ${first + index}`) ?? 0,
    }));
  }

  /** The latest pushes of the last `days` days, the latest first, each under the name its repository has now. */
  async pushes(
    repositories: Selection,
    { days, limit }: { readonly days: number; readonly limit: number },
    by?: Seeker,
  ): Promise<RecentPush[]> {
    const rows = await this.database.search<Omit<RecentPush, 'at' | 'digest'> & { at: number; detail: string }>(
      `${happened(repositories)}
      SELECT latest.repository, e.reference, e.actor, e.at, e.detail
      FROM (SELECT event, repository FROM happened ORDER BY time DESC, event DESC LIMIT ?) AS latest
      JOIN audit_events e ON e.id = latest.event ORDER BY e.at DESC, e.id DESC`,
      [...repositories.values, 'push', 'push', this.#firstDay(days) * dayMs, limit],
      by,
    );
    return rows.map(({ detail, at, ...row }) => ({ ...row, at: new Date(at), digest: digestIn(detail) }));
  }

  #firstDay(days: number): number {
    return Math.floor(this.now() / dayMs) - days + 1;
  }
}

/** Events of two actions in these repositories since a time, found by seeking in the index of repository, action and time. */
function happened({ sql }: Selection): string {
  return `WITH visible AS MATERIALIZED (${sql}), happened AS (
    SELECT e.id AS event, e.at AS time, e.action, e.count, v.name AS repository FROM visible v CROSS JOIN audit_events e
    WHERE e.repository_id = v.id AND e.action IN (?, ?) AND e.at >= ?)`;
}

/** Every push is recorded with it, see images/manifests.ts. */
function digestIn(detail: string): string {
  const { after } = JSON.parse(detail) as { readonly after?: { readonly digest?: string } };
  return after?.digest ?? '';
}
