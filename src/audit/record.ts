import type { EntityManager } from 'typeorm';
import { addressGroup } from '../access/address-group.js';
import { currentOrigin } from '../access/origin.js';
import type { AuditAction } from './actions.js';
import { addCount, countInHour, insertEvent } from './audit-events.store.js';
import { type Change, type NewEvent, newEvent } from './new-event.js';
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

async function recordBounded(tx: Pick<EntityManager, 'sql'>, event: NewEvent): Promise<void> {
  const found = await countInHour(tx, event, { here: mostOfAddress, all: mostOfActor });
  const { address, at } = event;
  if (found.all >= mostOfActor) await addCount(tx, { event: theRest(event, several), count: 1 }, at);
  else if (found.here >= mostOfAddress)
    await addCount(tx, { event: theRest(event, addressGroup(address)), count: 1 }, at);
  else await insertEvent(tx, event);
}
