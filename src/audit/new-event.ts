import type { Origin } from '../access/origin.js';
import { clock } from '../async/clock.js';
import { redact } from '../logging/redact.js';
import { cleanText } from '../text/clean-text.js';
import { type AuditAction, type AuditActionRow, auditActions } from './actions.js';

/** States of what was changed. Whole rows may be given: only the fields that actions.ts allows are written down. */
export interface Change {
  readonly before?: object;
  readonly after?: object;
  /** The tag or digest in the repository. */
  readonly reference?: string;
  /** When the request itself proves who it is, as a sign-in does. */
  readonly actor?: string;
  /** Of the repository, where it is known; else it is the one that bears the name when the row is written. */
  readonly repositoryId?: number;
}

/** A row before it has its id. */
export interface NewEvent {
  readonly at: number;
  readonly action: AuditAction;
  readonly actor: string;
  readonly resource: string;
  readonly reference: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** JSON. */
  readonly detail: string;
  /** Whose it stays, whatever becomes of the name; a name finds it in the transaction that writes the row. */
  readonly repository: number | string | undefined;
}

export function newEvent(
  action: AuditAction,
  name: string,
  { address, userAgent, requestId, ...origin }: Origin,
  { before, after, reference = '', actor = origin.actor, repositoryId }: Change = {},
): NewEvent {
  const { resource, fields }: AuditActionRow = auditActions[action];
  return {
    at: clock.wall(),
    action,
    actor: cleanText(actor, 280),
    resource: name === '' ? '' : cleanText(resource === '' ? name : `${resource}:${name}`, 280),
    reference: cleanText(reference, 150),
    address: cleanText(address, 64),
    userAgent: cleanText(userAgent, 256),
    requestId: cleanText(requestId, 64),
    detail: JSON.stringify(difference(allowed(before, fields), allowed(after, fields))),
    // What was denied may be about a name that somebody made up.
    repository: resource === 'repository' && action !== 'denied' ? (repositoryId ?? name) : undefined,
  };
}

/** The id of the repository, or the name that finds it. */
export function identityOf({ repository }: NewEvent): [id: number | null, name: string] {
  return typeof repository === 'string' ? [null, repository] : [repository ?? null, ''];
}

type Fields = Record<string, unknown>;

/** Of what stands inside a field: the subject of a grant, the scopes of a token, the filter of an export. */
const nestedFields = ['type', 'name', 'pattern', 'actions'];

function allowed(state: object | undefined, fields: readonly string[]): Fields | undefined {
  if (state === undefined) return undefined;
  const values = new Map<string, unknown>(Object.entries(state));
  const kept = fields.filter((field) => values.get(field) !== undefined);
  return Object.fromEntries(kept.map((field) => [field, plain(values.get(field))]));
}

/** Of two states what differs; of one, all of it. */
function difference(before: Fields | undefined, after: Fields | undefined): { before?: Fields; after?: Fields } {
  if (before === undefined || after === undefined) return { ...(before && { before }), ...(after && { after }) };
  const changed = Object.keys(after).filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  const only = (state: Fields) => Object.fromEntries(changed.map((field) => [field, state[field]]));
  return { before: only(before), after: only(after) };
}

/** Bounded, on one line, and without what looks like a credential, even where a person typed one into a description. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(withoutSecrets(value), 512);
  if (value instanceof Set) return plain([...value]);
  if (Array.isArray(value)) return value.slice(0, 50).map(plain);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return allowed(value, nestedFields);
  return value;
}

function withoutSecrets(text: string): string {
  return String(redact(text)).replace(/\bberth_[a-z]{3}_[A-Za-z0-9]{8,}/g, '[redacted]');
}
