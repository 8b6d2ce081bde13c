import { type Action, actions } from '../access/action.js';
import type { Pattern } from '../access/pattern.js';
import type { GrantFact } from '../access/policy.js';

/** A row that gives a user actions on a repository or on everything below a prefix. */
export interface Grant {
  readonly id: number;
  readonly username: string;
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
  readonly createdAt: Date;
}

/** The columns that decide. */
export interface FactRow {
  readonly id: number;
  readonly pattern: Pattern;
  readonly can_pull: number | boolean;
  readonly can_push: number | boolean;
  readonly can_delete: number | boolean;
  readonly can_manage: number | boolean;
}

export function toFact(row: FactRow): GrantFact {
  return { id: row.id, pattern: row.pattern, actions: actions.filter((action) => Boolean(row[`can_${action}`])) };
}

/**
 * Every pattern that covers all of this one: for `team/app` itself, `team/*` and `*`; for `team/sub/*` itself, `team/*` and `*`.
 * A handful of exact values, so that an index answers what a comparison with each grant of a user would have to.
 */
export function patternsIncluding(pattern: Pattern): Pattern[] {
  const including = new Set<string>([pattern, '*']);
  for (let slash = pattern.indexOf('/'); slash >= 0; slash = pattern.indexOf('/', slash + 1))
    including.add(`${pattern.slice(0, slash)}/*`);
  // Made of a pattern's own segments, so patterns all of them.
  return [...including] as Pattern[];
}
