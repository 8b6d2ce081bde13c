import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { maxDescriptionLength } from '../../users/description.js';
import { maxNamespaceLength } from '../../users/robots/robot.js';
import { IfGiven } from '../lists/if-given.js';
import { ListQuery } from '../lists/list-query.js';
import { IsTime } from '../lists/time.js';

export class RobotSecretBody {
  /** Left out or null: it does not expire. */
  @IsOptional()
  @IsTime()
  readonly expiresAt?: string | null;
}

class RobotBody extends RobotSecretBody {
  @IfGiven()
  @MaxLength(maxDescriptionLength)
  @IsString()
  readonly description?: string;
}

export class CreateRobotBody extends RobotBody {
  @MaxLength(maxNamespaceLength)
  @IsString()
  readonly namespace!: string;

  /** The part behind the `+`. */
  @MaxLength(64)
  @IsString()
  readonly name!: string;
}

export class UpdateRobotBody extends RobotBody {
  @IfGiven()
  @IsBoolean()
  readonly enabled?: boolean;
}

export class RobotsQuery extends ListQuery {
  @IfGiven()
  @MaxLength(maxNamespaceLength)
  readonly namespace?: string;
}
