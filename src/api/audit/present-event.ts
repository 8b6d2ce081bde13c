import type { AuditEvent } from '../../audit/audit-reader.js';

export interface Named {
  readonly kind: string;
  /** Absent where a kind is one of its own: `anonymous`, `system`. */
  readonly name?: string;
}

export interface PresentedEvent extends Omit<AuditEvent, 'actor' | 'resource'> {
  readonly actor: Named;
  /** Null for what is done to nothing in particular. */
  readonly resource: Named | null;
}

export function presentEvent({ actor, resource, ...event }: AuditEvent): PresentedEvent {
  return { ...event, actor: named(actor), resource: resource === '' ? null : named(resource) };
}

/** `user:ada` in its parts. */
export function named(text: string): Named {
  const colon = text.indexOf(':');
  return colon < 0 ? { kind: text } : { kind: text.slice(0, colon), name: text.slice(colon + 1) };
}

/** A line of NDJSON. U+2028 and U+2029 never get in, see clean-text.ts. */
export function ndjsonLine(event: AuditEvent): string {
  return `${JSON.stringify(presentEvent(event))}\n`;
}

const columns = [
  'id',
  'at',
  'lastAt',
  'count',
  'action',
  'result',
  'actor',
  'resource',
  'reference',
  'address',
  'userAgent',
  'requestId',
] as const;

export const csvHead = `${[...columns, 'detail'].join(',')}\r\n`;

/**
 * A line of CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it, which makes it text: at the
 * beginning of a cell, and behind everything that some country's settings take for the end of one.
 */
export function csvLine(event: AuditEvent): string {
  const cells = columns.map((column) => {
    const value = event[column];
    return value instanceof Date ? value.toISOString() : String(value);
  });
  return `${[...cells, JSON.stringify(event.detail)].map(cell).join(',')}\r\n`;
}

const formula = /(^|[;,|\t\r\n])([ "']*[=+\-@\uff0b\uff0d\uff1d\uff20])/g;

function cell(text: string): string {
  const harmless = text.replace(formula, "$1'$2").replace(/^[\t\r]/, "'$&");
  return /[",;|\t\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
