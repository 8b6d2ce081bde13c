import type { ManagedRobot } from '../../permissions/managed-robots.js';
import type { RobotSecret } from '../../users/robots/robot.js';

export type PresentedRobotSecret = Pick<
  RobotSecret,
  'id' | 'hint' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'lastUsedAddress'
>;

export interface PresentedRobot
  extends Pick<
    ManagedRobot,
    'name' | 'namespace' | 'description' | 'enabled' | 'createdAt' | 'updatedAt' | 'expiresAt' | 'entrusted'
  > {
  readonly secrets: PresentedRobotSecret[];
}

export function presentRobot(robot: ManagedRobot): PresentedRobot {
  const { name, namespace, description, enabled, createdAt, updatedAt, expiresAt, entrusted, secrets } = robot;
  return {
    ...{ name, namespace, description, enabled, createdAt, updatedAt, expiresAt, entrusted },
    secrets: secrets.map(presentSecret),
  };
}

function presentSecret({
  id,
  hint,
  createdAt,
  expiresAt,
  lastUsedAt,
  lastUsedAddress,
}: RobotSecret): PresentedRobotSecret {
  return { id, hint, createdAt, expiresAt, lastUsedAt, lastUsedAddress };
}
