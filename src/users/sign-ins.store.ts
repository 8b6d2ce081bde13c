import { clock } from '../async/clock.js';
import type { Database, PreparedRead } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import { latestIssue } from './tokens/expiry.js';

/** Where somebody is signed in: a session of a person, or the refresh token of a client such as docker. */
export interface SignIn {
  /** That of the row, and no secret. */
  readonly id: string;
  readonly kind: 'session' | 'refresh-token';
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string;
  /** The `client_id` that asked for a refresh token; null for a session. */
  readonly clientId: string | null;
}

interface Row {
  readonly id: string;
  readonly kind: SignIn['kind'];
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
  readonly address: string;
  readonly user_agent: string;
  readonly client_id: string | null;
}

const placeGrammar = /^(\d{1,15}):([0-9a-f]{64})$/;
const beginning = [Number.MAX_SAFE_INTEGER, ''] as const;

export const signInQuery = `
  SELECT id, 'session' AS kind, created_at, last_seen_at, expires_at, address, user_agent, NULL AS client_id
  FROM sessions WHERE user_id = ? AND expires_at > ? AND created_at <= ? AND (last_seen_at, id) < (?, ?)
  UNION ALL
  SELECT id, 'refresh-token', created_at, last_used_at, expires_at, address, user_agent, client_id
  FROM refresh_tokens WHERE user_id = ? AND expires_at > ? AND created_at <= ? AND (last_used_at, id) < (?, ?)
  ORDER BY last_seen_at DESC, id DESC LIMIT ?`;

/** The living sessions and refresh tokens of a user as one list, the one seen last first. */
export class SignIns {
  readonly #page: PreparedRead<Row>;

  constructor(database: Database) {
    this.#page = database.prepare(signInQuery);
  }

  /** @param cursor one of this list, see {@link isSignInPlace} */
  async list(userId: number, { limit, cursor = '' }: { limit: number; cursor?: string }): Promise<Page<SignIn>> {
    const [, seen, id] = placeGrammar.exec(cursor) ?? [];
    const behind = seen === undefined || id === undefined ? beginning : [Number(seen), id];
    const now = clock.wall();
    const which = [userId, now, latestIssue(now), ...behind];
    const rows = await this.#page.list(...which, ...which, limit + 1);
    return pageOf(rows.map(toSignIn), limit, (last) => `${last.lastSeenAt.getTime()}:${last.id}`);
  }
}

/** Whether a text is a cursor of the list. */
export function isSignInPlace(text: string): boolean {
  return placeGrammar.test(text);
}

function toSignIn({ created_at, last_seen_at, expires_at, user_agent, client_id, ...row }: Row): SignIn {
  return {
    ...row,
    createdAt: new Date(created_at),
    lastSeenAt: new Date(last_seen_at),
    expiresAt: new Date(expires_at),
    userAgent: user_agent,
    clientId: client_id,
  };
}
