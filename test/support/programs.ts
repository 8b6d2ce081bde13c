import type { Berth } from './berth.js';
import { type Action, grant } from './people.js';
import type { Credentials } from './registry-client.js';

export interface Issued extends Credentials {
  readonly id: number;
}

interface TokenScope {
  readonly pattern: string;
  readonly actions: readonly Action[];
}

/** A personal access token of somebody, as the credentials a program would send. */
export async function addAccessToken(
  berth: Berth,
  owner: Credentials,
  name = 'laptop',
  scopes?: readonly TokenScope[],
): Promise<Issued> {
  const session = await berth.signIn(owner.username, owner.password);
  const answer = await berth.api('POST', '/api/v1/tokens', { name, ...(scopes && { scopes }) }, session);
  if (answer.status !== 201) throw new Error(`creating the token ${name} answered ${answer.status}`);
  return { id: answer.body.id, username: owner.username, password: answer.body.secret };
}

/** A robot that has exactly these grants, keyed by pattern, and its first secret. */
export async function addRobot(
  berth: Berth,
  name: string,
  grants: Readonly<Record<string, readonly Action[]>> = {},
): Promise<Credentials> {
  const answer = await berth.api('POST', '/api/v1/robots', { namespace: 'team', name });
  if (answer.status !== 201) throw new Error(`creating the robot ${name} answered ${answer.status}`);
  for (const [pattern, actions] of Object.entries(grants)) {
    await grant(berth, answer.body.name, pattern, actions, 'robot');
  }
  return { username: answer.body.name, password: answer.body.secret };
}
