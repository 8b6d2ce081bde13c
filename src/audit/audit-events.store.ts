import type { EntityManager } from 'typeorm';
import { auditActions } from './actions.js';
import { bucketOf, type Counted, hourOf } from './counted-rows.js';
import { identityOf, type NewEvent } from './new-event.js';

type Transaction = Pick<EntityManager, 'sql'>;

/** A row of its own. A repository is known by its number, or else looked up by its name. */
export async function insertEvent(tx: Transaction, event: NewEvent): Promise<void> {
  const [id, name] = identityOf(event);
  await tx.sql`
    INSERT INTO audit_events (at, last_at, action, result, actor, resource, reference, address, user_agent, request_id, detail, repository_id)
    VALUES (${event.at}, ${event.at}, ${event.action}, ${auditActions[event.action].result}, ${event.actor}, ${event.resource},
      ${event.reference}, ${event.address}, ${event.userAgent}, ${event.requestId}, ${event.detail},
      COALESCE(${id}, (SELECT id FROM repository_list WHERE name = ${name})))`;
}

/** Adds to the row that stands for it, which the first one makes. */
export async function addCount(tx: Transaction, { event, count }: Counted, lastAt: number): Promise<void> {
  const [id, name] = identityOf(event);
  await tx.sql`
    INSERT INTO audit_events (at, last_at, count, action, result, actor, resource, reference, address, user_agent, request_id, detail,
      repository_id, bucket)
    VALUES (${event.at}, ${lastAt}, ${count}, ${event.action}, ${auditActions[event.action].result}, ${event.actor}, ${event.resource},
      ${event.reference}, ${event.address}, ${event.userAgent}, ${event.requestId}, ${event.detail},
      COALESCE(${id}, (SELECT id FROM repository_list WHERE name = ${name})), ${bucketOf(event)})
    ON CONFLICT (bucket) WHERE bucket IS NOT NULL
    DO UPDATE SET count = audit_events.count + excluded.count, last_at = excluded.last_at`;
}

/**
 * How many rows the actor has of this action in this hour, from this address and from all. Both are sought in an index, and no further
 * than these numbers.
 */
export async function countInHour(
  tx: Transaction,
  event: NewEvent,
  most: { readonly here: number; readonly all: number },
): Promise<{ readonly here: number; readonly all: number }> {
  const { actor, address, action } = event;
  const since = hourOf(event);
  const [found] = await tx.sql<{ here: number; all: number }[]>`
    SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM audit_events
        WHERE actor = ${actor} AND address = ${address} AND action = ${action} AND at >= ${since} LIMIT ${most.here}) AS own) AS here,
      (SELECT COUNT(*) FROM (SELECT 1 FROM audit_events
        WHERE actor = ${actor} AND action = ${action} AND at >= ${since} LIMIT ${most.all}) AS own) AS "all"`;
  if (!found) throw new Error('the database returned no row for a count');
  return found;
}

/** Some of those that are older go, the oldest first. Tells how many. @param end epoch milliseconds */
export async function deleteBefore(tx: Transaction, end: number, limit: number): Promise<number> {
  const rows = await tx.sql<unknown[]>`
    DELETE FROM audit_events WHERE id IN (SELECT id FROM audit_events WHERE at < ${end} ORDER BY at LIMIT ${limit})
    RETURNING 1`;
  return rows.length;
}
