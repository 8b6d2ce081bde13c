import type { EntityManager } from 'typeorm';
import { auditActions } from './actions.js';
import { identityOf, type NewEvent } from './new-event.js';

/** Something that happens so often that one row stands for an hour of it. */
export interface Counted {
  readonly event: NewEvent;
  count: number;
}

const hour = 3_600_000;

/** Adds to the row that stands for it, which the first one makes. */
export async function addCount(
  tx: Pick<EntityManager, 'sql'>,
  { event, count }: Counted,
  lastAt: number,
): Promise<void> {
  const [id, name] = identityOf(event);
  await tx.sql`
    INSERT INTO audit_events (at, last_at, count, action, result, actor, resource, reference, address, user_agent, request_id, detail,
      repository_id, bucket)
    VALUES (${event.at}, ${lastAt}, ${count}, ${event.action}, ${auditActions[event.action].result}, ${event.actor}, ${event.resource},
      ${event.reference}, ${event.address}, ${event.userAgent}, ${event.requestId}, ${event.detail},
      COALESCE(${id}, (SELECT id FROM repositories WHERE name = ${name})), ${bucketOf(event)})
    ON CONFLICT (bucket) WHERE bucket IS NOT NULL
    DO UPDATE SET count = audit_events.count + excluded.count, last_at = excluded.last_at`;
}

/** When the hour began in which it happens. */
export function hourOf({ at }: NewEvent): number {
  return Math.floor(at / hour) * hour;
}

/** What a row stands for. Pulls are told apart without the address, and keep the first one. */
export function bucketOf(event: NewEvent): string {
  const { action, actor, resource, reference, address, repository = '' } = event;
  const from = action === 'pull' ? [repository, ''] : [address];
  return [hourOf(event), action, actor, resource, reference, ...from].join('\n');
}
