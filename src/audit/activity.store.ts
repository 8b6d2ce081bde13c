import { clock } from '../async/clock.js';
import type { Database, Selection } from '../database/database.js';
import { joinEach } from '../database/dialect.js';
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
  constructor(private readonly database: Pick<Database, 'search'>) {}

  /**
   * Pulls and pushes of the last `days` days, the oldest first and today last, each day there.
   * @param repositories a query with the columns `id` and `name`; what happened goes with a repository when it is renamed
   */
  async byDay(repositories: Selection, days: number, by?: Seeker): Promise<DayCount[]> {
    const first = this.#firstDay(days);
    const rows = await this.database.search<{ day: number; action: string; count: number }>(
      sumsByDay(repositories),
      [...repositories.values, first * dayMs],
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
      latestPushes(repositories),
      [...repositories.values, this.#firstDay(days) * dayMs, limit, limit],
      by,
    );
    return rows.map(({ detail, at, ...row }) => ({ ...row, at: new Date(at), digest: digestIn(detail) }));
  }

  #firstDay(days: number): number {
    return Math.floor(clock.wall() / dayMs) - days + 1;
  }
}

/** Events of one repository and action since a time: in this order in an index, which has all that is asked of them. */
const since = (e: string) => `${e}.repository_id = v.id AND ${e}.action = v.action AND ${e}.at >=`;

/**
 * Looks in the index for the next day on which anything happened, sums that day, and goes on behind it: nothing is read but the
 * index, nothing is sorted but the days, and days and repositories without anything cost one look.
 */
function sumsByDay({ sql }: Selection): string {
  const dayOfFirst = (time: string) =>
    `(SELECT MIN(e.at) FROM audit_events AS e WHERE ${since('e')} ${time}) / ${dayMs}`;
  return `WITH RECURSIVE visible AS MATERIALIZED (${sql}), kinds (action) AS (VALUES ('pull'), ('push')),
    asked AS (SELECT id, action FROM visible ${joinEach} kinds),
    days (id, action, day) AS (
      SELECT v.id, v.action, ${dayOfFirst('?')} FROM asked AS v
      UNION ALL
      SELECT v.id, v.action, ${dayOfFirst(`(v.day + 1) * ${dayMs}`)} FROM days AS v WHERE v.day IS NOT NULL
    )
    SELECT day, action, SUM((
      SELECT SUM(e.count) FROM audit_events AS e WHERE ${since('e')} v.day * ${dayMs} AND e.at < (v.day + 1) * ${dayMs}
    )) AS count
    FROM days AS v WHERE day IS NOT NULL GROUP BY day, action`;
}

/** Of each repository as many as are wanted of all, found from the end of the index. */
function latestPushes({ sql }: Selection): string {
  return `WITH visible AS MATERIALIZED (SELECT id, name, 'push' AS action FROM (${sql}) AS shown)
    SELECT v.name AS repository, e.reference, e.actor, e.at, e.detail
    FROM visible AS v ${joinEach} audit_events AS e
    WHERE e.id IN (SELECT p.id FROM audit_events AS p WHERE ${since('p')} ? ORDER BY p.at DESC LIMIT ?)
    ORDER BY e.at DESC, e.id DESC LIMIT ?`;
}

/** Every push is recorded with it, see images/manifests.ts. */
function digestIn(detail: string): string {
  const { after } = JSON.parse(detail) as { readonly after?: { readonly digest?: string } };
  return after?.digest ?? '';
}
