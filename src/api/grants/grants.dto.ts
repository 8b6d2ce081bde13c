import { Type } from 'class-transformer';
import { ArrayNotEmpty, ArrayUnique, IsIn, IsObject, IsString, MaxLength, ValidateNested } from 'class-validator';
import { type Action, actions } from '../../access/action.js';
import { IfGiven } from '../lists/if-given.js';
import { ListQuery } from '../lists/list-query.js';

export class SubjectBody {
  @IsIn(['user'])
  readonly type!: 'user';

  @MaxLength(255)
  @IsString()
  readonly name!: string;
}

export class ActionsBody {
  @IsIn(actions, { each: true })
  @ArrayUnique()
  @ArrayNotEmpty()
  readonly actions!: Action[];
}

export class GrantBody extends ActionsBody {
  @ValidateNested()
  @Type(() => SubjectBody)
  @IsObject()
  readonly subject!: SubjectBody;

  @MaxLength(257)
  @IsString()
  readonly pattern!: string;
}

export class GrantsQuery extends ListQuery {
  @IfGiven()
  @MaxLength(255)
  readonly user?: string;

  @IfGiven()
  @MaxLength(255)
  readonly repository?: string;
}

export class PreviewQuery {
  @MaxLength(257)
  readonly pattern!: string;
}

export class ExplainQuery {
  /** Left out: the one who asks. */
  @IfGiven()
  @MaxLength(255)
  readonly user?: string;

  @MaxLength(255)
  readonly repository!: string;

  /** Left out: every action. */
  @IfGiven()
  @IsIn(actions)
  readonly action?: Action;
}
