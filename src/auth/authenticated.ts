import type { Narrowing } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import { type Robot, robotPrincipal } from '../users/robots/robot.js';
import type { SecretOwner } from '../users/tokens/secret-credentials.js';
import { principalOf, type User } from '../users/user.js';

/** By what somebody proved who they are; the ids are those of rows, and no secrets. */
export type Credential =
  | { readonly kind: 'password' }
  /** `id` of the refresh token a client got for the password. */
  | { readonly kind: 'refresh'; readonly id: string }
  /** A personal access token; its generation goes up when it gets another secret. */
  | { readonly kind: 'pat'; readonly id: number; readonly generation: number }
  /** `id` of the robot's secret. */
  | { readonly kind: 'robot'; readonly id: number };

export const byPassword: Credential = { kind: 'password' };

/** Somebody, and the credential they came with, both checked just now. */
export interface Authenticated {
  readonly principal: Exclude<Principal, { kind: 'anonymous' }>;
  readonly credential: Credential;
  /** The account's generation of credentials: what is issued now ends when it goes up. */
  readonly generation: number;
  /** What a personal token may do at most; undefined: all that the principal may. */
  readonly narrowedTo?: readonly Narrowing[] | undefined;
  /** The account of a person; a robot has none. */
  readonly user?: User | undefined;
  /** When the credential ends by itself; undefined: it does not. */
  readonly endsAt?: Date | undefined;
}

export function asUser(user: User, credential: Credential, narrowedTo?: readonly Narrowing[]): Authenticated {
  return { principal: principalOf(user), credential, generation: user.credentialVersion, narrowedTo, user };
}

/** The owner of a robot's secret or a personal token, as that secret lets them act. */
export function asOwner(owner: SecretOwner): Authenticated {
  if (owner.kind === 'robot') return asRobot(owner.robot, owner.secretId);
  const { id, credentialVersion: generation, scopes, expiresAt } = owner.token;
  const who = asUser(owner.user, { kind: 'pat', id, generation }, scopes.length === 0 ? undefined : scopes);
  return expiresAt === null ? who : { ...who, endsAt: expiresAt };
}

function asRobot(robot: Robot, secretId: number): Authenticated {
  return {
    principal: robotPrincipal(robot),
    credential: { kind: 'robot', id: secretId },
    generation: robot.credentialVersion,
    endsAt: earlier(robot.expiresAt, robot.secrets.find(({ id }) => id === secretId)?.expiresAt),
  };
}

function earlier(one: Date | null, other: Date | null | undefined): Date | undefined {
  return (other && (one === null || other < one) ? other : one) ?? undefined;
}
