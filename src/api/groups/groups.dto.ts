import { IsString, MaxLength } from 'class-validator';
import { IfGiven } from '../lists/if-given.js';

const maxDescription = 4096;

export class UpdateGroupBody {
  @IfGiven()
  @MaxLength(maxDescription)
  @IsString()
  readonly description?: string;
}

export class CreateGroupBody extends UpdateGroupBody {
  @MaxLength(64)
  @IsString()
  readonly name!: string;
}
