import { IsString, MaxLength } from 'class-validator';
import { maxDescriptionLength } from '../../users/description.js';
import { IfGiven } from '../lists/if-given.js';

export class UpdateGroupBody {
  @IfGiven()
  @MaxLength(maxDescriptionLength)
  @IsString()
  readonly description?: string;
}

export class CreateGroupBody extends UpdateGroupBody {
  @MaxLength(64)
  @IsString()
  readonly name!: string;
}
