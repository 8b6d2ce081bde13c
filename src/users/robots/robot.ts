import type { Principal } from '../../access/principal.js';
import { isRepositoryName } from '../../oci/repository-name.js';
import type { NameQuery } from '../found-page.store.js';
import { hasExpired } from '../tokens/expiry.js';
import type { RobotEntity } from './robot.entity.js';
import type { RobotSecretEntity } from './robot-secret.entity.js';

/** A program's own account. */
export interface Robot {
  readonly id: number;
  /** Whoever manages everything below it manages the robot. */
  readonly namespace: string;
  /** Whole: `namespace+name`. A repository name has no `+`, so neither is taken for the other. */
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Goes up when the robot is disabled; what was issued under a lower one is void. */
  readonly credentialVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date | null;
  /** At most two, the older one first. */
  readonly secrets: readonly RobotSecret[];
}

/** A piece of the list of robots. */
export interface RobotQuery extends NameQuery {
  readonly namespace?: string;
}

export interface RobotSecret {
  readonly id: number;
  /** Its last characters. */
  readonly hint: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly lastUsedAddress: string | null;
}

export function toRobot(robot: RobotEntity, secrets: readonly RobotSecretEntity[]): Robot {
  return { ...robot, secrets: secrets.map(({ hash: _secret, robotId: _robot, ...shown }) => shown) };
}

export function robotPrincipal({ id, name }: Robot): Extract<Principal, { kind: 'robot' }> {
  return { kind: 'robot', id, name };
}

/** Whether it may act at all. @param now epoch milliseconds */
export function isUsable(robot: Robot, now: number): boolean {
  return robot.enabled && !hasExpired(robot, now);
}

/** Part of a name behind the `+`. ASCII and lower case, so that two robots never look alike. */
const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const maxNamespaceLength = 128;

/** The same in English. */
export const robotNameRule =
  'a robot name is lower-case letters and digits, and behind the first . _ -, at most 64 characters';
export const namespaceRule = `a namespace is what repository names begin with, such as team or team/sub, at most ${maxNamespaceLength} characters`;

export function isRobotName(text: string): boolean {
  return namePattern.test(text);
}

/** The namespace that a whole name begins with; undefined for what is no name of a robot. */
export function namespaceOf(name: string): string | undefined {
  const [namespace = '', own = '', ...more] = name.split('+');
  return isNamespace(namespace) && isRobotName(own) && more.length === 0 ? namespace : undefined;
}

export function isNamespace(text: string): boolean {
  return text.length <= maxNamespaceLength && isRepositoryName(text);
}
