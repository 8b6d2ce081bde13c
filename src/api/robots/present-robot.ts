import type { Robot, RobotSecret } from '../../users/robots/robot.js';

export type PresentedRobotSecret = Pick<
  RobotSecret,
  'id' | 'hint' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'lastUsedAddress'
>;

export interface PresentedRobot
  extends Pick<Robot, 'name' | 'namespace' | 'description' | 'enabled' | 'createdAt' | 'updatedAt' | 'expiresAt'> {
  readonly secrets: PresentedRobotSecret[];
}

export function presentRobot(robot: Robot): PresentedRobot {
  const { name, namespace, description, enabled, createdAt, updatedAt, expiresAt, secrets } = robot;
  return {
    ...{ name, namespace, description, enabled, createdAt, updatedAt, expiresAt },
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
