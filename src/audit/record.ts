import type { EntityManager } from 'typeorm';
import { addressGroup } from '../access/address-group.js';
import { type AuditAction, auditActions } from './actions.js';
import { addCount, hourOf } from './counted-rows.js';
import { type Change, identityOf, type NewEvent, newEvent } from './new-event.js';
import { currentOrigin } from './origin.js';
import { several, theRest } from './rows-of-hour.js';

/** What an account may do for ever without anything coming of it: beyond some rows an hour it is counted. */
const unbounded: ReadonlySet<AuditAction> = new Set(['sign-in', 'sign-out', 'session.end']);
/** Likewise, where it is about oneself or one's own token; what others do to an account stays a row each. */
const unboundedOfOneself: ReadonlySet<AuditAction> = new Set([
  'user.password',
  'token.create',
  'token.rotate',
  'token.delete',
]);
/** Rows an hour of one actor from one address, of such an action; and from all addresses. */
const mostOfAddress = 20;
const mostOfActor = 100;

/**
 * Writes a change down in the transaction that makes it: both happen or neither does. Who did it is known from `withOrigin`.
 * @param name of what was changed: the username, the repository, … ; empty where it has none
 */
export async function record(
  tx: Pick<EntityManager, 'sql'>,
  action: AuditAction,
  name: string,
  change: Change = {},
): Promise<void> {
  const event = newEvent(action, name, currentOrigin(), change);
  if (isUnbounded(event)) await recordBounded(tx, event);
  else await insertEvent(tx, event);
}

function isUnbounded({ action, actor, resource }: NewEvent): boolean {
  if (unbounded.has(action)) return true;
  const isOwn = resource === actor || resource.startsWith(`token:${actor.slice(actor.indexOf(':') + 1)}/`);
  return isOwn && unboundedOfOneself.has(action);
}

/** Both counts are sought in an index, and no further than the limit. */
async function recordBounded(tx: Pick<EntityManager, 'sql'>, event: NewEvent): Promise<void> {
  const { actor, address, action, at } = event;
  const since = hourOf(event);
  const [found] = await tx.sql<{ here: number; all: number }[]>`
    SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM audit_events
        WHERE actor = ${actor} AND address = ${address} AND action = ${action} AND at >= ${since} LIMIT ${mostOfAddress})) AS here,
      (SELECT COUNT(*) FROM (SELECT 1 FROM audit_events
        WHERE actor = ${actor} AND action = ${action} AND at >= ${since} LIMIT ${mostOfActor})) AS "all"`;
  if (!found) throw new Error('the database returned no row for a count');
  if (found.all >= mostOfActor) await addCount(tx, { event: theRest(event, several), count: 1 }, at);
  else if (found.here >= mostOfAddress)
    await addCount(tx, { event: theRest(event, addressGroup(address)), count: 1 }, at);
  else await insertEvent(tx, event);
}

export async function insertEvent(tx: Pick<EntityManager, 'sql'>, event: NewEvent): Promise<void> {
  const [id, name] = identityOf(event);
  await tx.sql`
    INSERT INTO audit_events (at, last_at, action, result, actor, resource, reference, address, user_agent, request_id, detail, repository_id)
    VALUES (${event.at}, ${event.at}, ${event.action}, ${auditActions[event.action].result}, ${event.actor}, ${event.resource},
      ${event.reference}, ${event.address}, ${event.userAgent}, ${event.requestId}, ${event.detail},
      COALESCE(${id}, (SELECT id FROM repositories WHERE name = ${name})))`;
}
