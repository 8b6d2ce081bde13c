import type { EntityManager } from 'typeorm';

/** Takes part in the transaction that removes a user, a group or a robot: what it was given ends with it. */
export type AccountEnd = (tx: EntityManager, account: { readonly id: number }) => Promise<void>;
