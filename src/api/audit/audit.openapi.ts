import { auditActionNames, auditResults } from '../../audit/actions.js';
import { describeResource } from '../openapi/resource.js';
import { choice, count, listOf, members, orNull, ref, rowId, type Schema, text, time } from '../openapi/schema.js';
import { AuditController } from './audit.controller.js';
import type { Named, PresentedEvent } from './present-event.js';

/** Who, or what, in its parts. */
export const namedSchema = members<Named>({ kind: text, name: text }, ['name']);
const event = members<PresentedEvent>({
  id: rowId,
  at: time,
  lastAt: time,
  count,
  action: choice(auditActionNames),
  result: choice(auditResults),
  actor: namedSchema,
  resource: orNull(namedSchema),
  reference: text,
  address: text,
  userAgent: text,
  requestId: text,
  detail: { type: 'object' },
});
const example = {
  id: 41,
  at: '2026-11-21T10:00:00.000Z',
  lastAt: '2026-11-21T10:00:00.000Z',
  count: 1,
  action: auditActionNames[0],
  result: auditResults[0],
  actor: { kind: 'user', name: 'ann' },
  resource: { kind: 'repository', name: 'team/app' },
  reference: '1.28.3',
  address: '192.0.2.7',
  userAgent: 'docker/27.5',
  requestId: '01jd3k8s2c7v',
  detail: {},
};
const words: Schema = { type: 'string', minLength: 1, maxLength: 255 };

export const auditResource = describeResource(
  AuditController,
  'audit',
  {
    list: {
      id: 'listAuditEvents',
      summary: 'List what happened',
      description:
        'The latest first. Every filter narrows; nothing can be changed or removed. Where a resource, a reference or an address is `*`, the row counts what has no row of its own.',
      errors: ['SEARCH_TIMEOUT', 'TOO_MANY_REQUESTS'],
      answer: { schema: listOf(ref('AuditEvent')), example: { items: [example] } },
    },
    ndjson: {
      id: 'exportAuditAsNdjson',
      summary: 'Export what happened as NDJSON',
      description: 'An event on each line. Takes the filters of the list; `limit` and `cursor` change nothing.',
      errors: ['SEARCH_TIMEOUT', 'TOO_MANY_REQUESTS'],
      answer: { schema: text, example: `${JSON.stringify(example)}\n`, mediaType: 'application/x-ndjson' },
    },
    csv: {
      id: 'exportAuditAsCsv',
      summary: 'Export what happened as CSV',
      description: 'With a head line (RFC 4180). Takes the filters of the list; `limit` and `cursor` change nothing.',
      errors: ['SEARCH_TIMEOUT', 'TOO_MANY_REQUESTS'],
      answer: { schema: text, example: 'id,at,lastAt,count,action,result\r\n', mediaType: 'text/csv' },
    },
  },
  {
    parameters: {
      action: { description: 'What was done.', example: auditActionNames[0] ?? '' },
      actor: {
        description: 'Who: `user:ann`, `robot:team+ci`, `anonymous`, `system`.',
        example: 'user:ann',
        schema: words,
      },
      resource: {
        description: 'To what: `repository:team/app`, `user:ann`.',
        example: 'repository:team/app',
        schema: words,
      },
      result: { description: 'How it ended.', example: auditResults[0] ?? '' },
      address: { description: 'From which address.', example: '192.0.2.7' },
      from: { description: 'Not before this time.', example: '2026-11-01T00:00:00Z' },
      to: { description: 'Before this time.', example: '2026-12-01T00:00:00Z' },
      sort: { description: '`-at`, the latest first, or `at`.', example: '-at' },
    },
    schemas: { AuditEvent: { ...event, examples: [example] } },
  },
);
