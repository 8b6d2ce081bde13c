import type { Credentials } from '../../support/registry-client.js';

/** What the attackers are told: where, as whom, for how long. */
export interface SiegePlan {
  readonly url: string;
  /** May push to {@link repository} and nothing else. */
  readonly pusher: Credentials;
  /** Has an account and no rights. */
  readonly stranger: Credentials;
  /** Holds an index of thousands of platforms under many tags. */
  readonly repository: string;
  readonly tags: number;
  /** The database file, for the attack of another process that holds it. */
  readonly database: string;
  readonly seconds: number;
}

/** Addresses of the loopback that the attackers come from; everybody else comes from 127.0.0.1. */
export const attackers = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const;
