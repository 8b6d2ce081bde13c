import { type Action, actions } from '../access/action.js';
import type { Pattern } from '../access/pattern.js';
import type { GrantFact } from '../access/policy.js';
import type { Subject, SubjectType } from '../access/subject.js';

/** A row that gives a user, a group or a robot actions on a repository or on everything below a prefix. */
export interface Grant {
  readonly id: number;
  readonly subject: Subject;
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
  /** The group it was given to; null or absent when it is the asker's own. */
  readonly group_name?: string | null;
}

export const factColumns = 'g.id, g.pattern, g.can_pull, g.can_push, g.can_delete, g.can_manage';

export function toFact(row: FactRow): GrantFact {
  const fact = { id: row.id, pattern: row.pattern, actions: actions.filter((action) => Boolean(row[`can_${action}`])) };
  return row.group_name ? { ...fact, group: row.group_name } : fact;
}

export interface GrantRow extends FactRow {
  readonly subject_type: SubjectType;
  readonly subject_name: string;
  readonly created_at: number;
}

export function toGrant(row: GrantRow): Grant {
  const { id, pattern, actions: granted } = toFact(row);
  const subject = { type: row.subject_type, name: row.subject_name };
  return { id, subject, pattern, actions: granted, createdAt: new Date(Number(row.created_at)) };
}
