import { randomBytes } from 'node:crypto';
import type { Berth } from './berth.js';
import type { Credentials } from './registry-client.js';

export type Action = 'pull' | 'push' | 'delete' | 'manage';

/** Creates a user who has exactly these grants, keyed by pattern. */
export async function addUser(
  berth: Berth,
  username: string,
  grants: Readonly<Record<string, readonly Action[]>> = {},
): Promise<Credentials> {
  const password = randomBytes(12).toString('base64url');
  const body = { username, password, role: 'user', mustChangePassword: false };
  const answer = await berth.api('POST', '/api/v1/users', body);
  if (answer.status !== 201) throw new Error(`creating ${username} answered ${answer.status}`);
  for (const [pattern, actions] of Object.entries(grants)) await grant(berth, username, pattern, actions);
  return { username, password };
}

/** The same, but signed in: returns an access token of the REST API. */
export async function addSignedIn(
  berth: Berth,
  username: string,
  grants?: Readonly<Record<string, readonly Action[]>>,
): Promise<string> {
  const { password } = await addUser(berth, username, grants);
  return berth.signIn(username, password);
}

/** Adds a grant; call the result to revoke it. */
export async function grant(
  berth: Berth,
  username: string,
  pattern: string,
  actions: readonly Action[],
  type: 'user' | 'group' | 'robot' = 'user',
): Promise<() => Promise<void>> {
  const subject = { type, name: username };
  const answer = await berth.api('POST', '/api/v1/permissions', { subject, pattern, actions });
  if (answer.status !== 201) throw new Error(`granting ${pattern} answered ${answer.status}`);
  return async () => {
    const removed = await berth.api('DELETE', `/api/v1/permissions/${answer.body.id}`);
    if (removed.status !== 204) throw new Error(`revoking ${pattern} answered ${removed.status}`);
  };
}
