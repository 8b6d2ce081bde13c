import { GroupEntity } from './groups/group.entity.js';
import { GroupMemberEntity } from './groups/group-member.entity.js';
import { RobotEntity } from './robots/robot.entity.js';
import { RobotSecretEntity } from './robots/robot-secret.entity.js';
import { SessionEntity } from './session.entity.js';
import { AccessTokenEntity } from './tokens/access-token.entity.js';
import { RefreshTokenEntity } from './tokens/refresh-token.entity.js';
import { UserEntity } from './user.entity.js';

/** The tables of this room. */
export const userEntities = [
  UserEntity,
  SessionEntity,
  GroupEntity,
  GroupMemberEntity,
  RobotEntity,
  RobotSecretEntity,
  AccessTokenEntity,
  RefreshTokenEntity,
];
