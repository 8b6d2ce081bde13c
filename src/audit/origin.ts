import { AsyncLocalStorage } from 'node:async_hooks';
import type { Principal } from '../access/principal.js';

/** Where a change comes from. */
export interface Origin {
  /** `user:ada`, `robot:team+ci`, `anonymous`, `system`, `local`. */
  readonly actor: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

/** Berth itself: the first administrator, a sweep. */
export const systemOrigin: Origin = { actor: 'system', address: '', userAgent: '', requestId: '' };

export function actorOf(principal: Principal): string {
  if (principal.kind === 'user' && principal.id === 0) return 'local'; // the berth command on the spot
  return principal.kind === 'anonymous' ? 'anonymous' : `${principal.kind}:${principal.name}`;
}

const storage = new AsyncLocalStorage<Origin>();
let running = 0;

/**
 * Runs a change, in which `record` knows who is behind it without being told through every layer.
 * Node follows the promises of the whole process while any storage is in use, so it is in use during changes only, never for reads.
 */
export async function withOrigin<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
  running++;
  try {
    return await storage.run(origin, work);
  } finally {
    if (--running === 0) storage.disable();
  }
}

/** Berth itself when nobody said otherwise. */
export function currentOrigin(): Origin {
  return storage.getStore() ?? systemOrigin;
}
