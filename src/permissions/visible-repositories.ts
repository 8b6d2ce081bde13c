import { type Pattern, patternPrefix } from '../access/pattern.js';
import type { GrantFact } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import type { Visibility } from '../access/visibility.js';
import type { Database, PreparedRead } from '../database/database.js';
import { containing } from '../database/page.js';
import { type Repository, type RepositoryRow, toRepository } from '../repositories/repository.js';

/** At most `limit` repositories behind the name `after`, whose name contains `q`. */
export interface Window {
  readonly limit: number;
  readonly after: string;
  readonly q: string;
}

const behind = `r.name > ? AND LOWER(r.name) LIKE ? ESCAPE '!' ORDER BY r.name LIMIT ?`;

/**
 * Finds what a principal may see without looking at what it may not: a few walks along an index, each in the order of names and no
 * longer than the page, laid over one another. Whether something is really allowed is not decided here but by `decide`.
 */
export class VisibleRepositories {
  readonly #all: PreparedRead<RepositoryRow>;
  readonly #ofVisibility: PreparedRead<RepositoryRow>;
  readonly #granted: PreparedRead<RepositoryRow>;
  readonly #below: PreparedRead<RepositoryRow>;
  readonly #countBelow: PreparedRead<{ count: number }>;

  constructor(database: Database) {
    this.#all = database.prepare(`SELECT r.* FROM repositories r WHERE ${behind}`);
    this.#ofVisibility = database.prepare(`SELECT r.* FROM repositories r WHERE r.visibility = ? AND ${behind}`);
    this.#granted = database.prepare(
      `SELECT r.* FROM grants g JOIN repositories r ON r.name = g.pattern
       WHERE g.user_id = ? AND g.prefix IS NULL AND g.pattern > ? AND LOWER(g.pattern) LIKE ? ESCAPE '!' ORDER BY g.pattern LIMIT ?`,
    );
    this.#below = database.prepare(`SELECT r.* FROM repositories r WHERE r.name < ? AND ${behind}`);
    this.#countBelow = database.prepare('SELECT COUNT(*) AS count FROM repositories WHERE name > ? AND name < ?');
  }

  /** By name in byte order, none twice. `wildcards` are the principal's grants on more than one repository. */
  async page(principal: Principal, wildcards: readonly GrantFact[], window: Window): Promise<Repository[]> {
    const prefixes = outermost(wildcards.map(({ pattern }) => pattern));
    const seesAll = principal.kind === 'user' && (principal.role === 'admin' || prefixes[0] === '');
    const walks = seesAll
      ? [await this.#all.list(...bounds(window))]
      : [
          ...(await Promise.all(openTo(principal).map((one) => this.#ofVisibility.list(one, ...bounds(window))))),
          ...(principal.kind === 'user' ? [await this.#granted.list(principal.id, ...bounds(window))] : []),
          await this.#belowAny(prefixes, window),
        ];
    const byName = new Map(walks.flat().map((row) => [row.name, row]));
    return [...byName.values()].sort(byteOrder).slice(0, window.limit).map(toRepository);
  }

  /** How many names start with a prefix that ends in a slash, or how many there are. */
  async countBelow(prefix: string): Promise<number> {
    return (await this.#countBelow.find(prefix, endOf(prefix)))?.count ?? 0;
  }

  /** Walks the ranges one after the other, which is in the order of names because none contains another. */
  async #belowAny(prefixes: readonly string[], window: Window): Promise<RepositoryRow[]> {
    const found: RepositoryRow[] = [];
    for (const prefix of prefixes) {
      const end = endOf(prefix);
      if (found.length >= window.limit) break;
      if (end <= window.after) continue;
      let { after } = window;
      if (after < prefix) after = prefix;
      found.push(...(await this.#below.list(end, ...bounds({ ...window, after, limit: window.limit - found.length }))));
    }
    return found;
  }
}

function bounds({ after, q, limit }: Window): [after: string, like: string, limit: number] {
  return [after, containing(q), limit];
}

/** Visibilities that need no grant. */
function openTo(principal: Principal): Visibility[] {
  return principal.kind === 'anonymous' ? ['public'] : ['internal', 'public'];
}

/** The prefixes that lie below no other, in order. */
function outermost(patterns: readonly Pattern[]): string[] {
  const prefixes: string[] = [];
  for (const prefix of patterns.map((pattern) => patternPrefix(pattern) ?? pattern).sort()) {
    const last = prefixes.at(-1);
    if (last === undefined || !prefix.startsWith(last)) prefixes.push(prefix);
  }
  return prefixes;
}

/** The first string behind everything that starts with the prefix: `0` follows the slash, `~` everything in a name. */
function endOf(prefix: string): string {
  return prefix === '' ? '~' : `${prefix.slice(0, -1)}0`;
}

function byteOrder(a: RepositoryRow, b: RepositoryRow): number {
  // Names are ASCII, where code units and bytes sort alike.
  return a.name < b.name ? -1 : 1;
}
