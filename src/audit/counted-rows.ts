import type { NewEvent } from './new-event.js';

/** Something that happens so often that one row stands for an hour of it. */
export interface Counted {
  readonly event: NewEvent;
  count: number;
}

const hour = 3_600_000;

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
