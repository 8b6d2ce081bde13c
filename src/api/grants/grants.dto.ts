import { Type } from 'class-transformer';
import { ArrayNotEmpty, ArrayUnique, IsIn, IsObject, IsString, MaxLength, ValidateNested } from 'class-validator';
import { type Action, actions } from '../../access/action.js';
import { maxPatternLength } from '../../access/pattern.js';
import { type Subject, type SubjectType, subjectTypes } from '../../access/subject.js';
import { Failure } from '../../errors/failure.js';
import { maxRepositoryNameLength } from '../../oci/repository-name.js';
import { IfGiven } from '../lists/if-given.js';
import { ListQuery } from '../lists/list-query.js';

export class SubjectBody {
  @IsIn(subjectTypes)
  readonly type!: SubjectType;

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

  @MaxLength(maxPatternLength)
  @IsString()
  readonly pattern!: string;
}

/** Whose: one at most of user, group and robot. */
export class GrantsQuery extends ListQuery {
  @IfGiven()
  @MaxLength(255)
  readonly user?: string;

  @IfGiven()
  @MaxLength(255)
  readonly group?: string;

  @IfGiven()
  @MaxLength(255)
  readonly robot?: string;

  @IfGiven()
  @MaxLength(maxRepositoryNameLength)
  readonly repository?: string;
}

export class PreviewQuery {
  @MaxLength(maxPatternLength)
  readonly pattern!: string;
}

export class ExplainQuery {
  /** Of these three one at most. All left out: the one who asks. */
  @IfGiven()
  @MaxLength(255)
  readonly user?: string;

  @IfGiven()
  @MaxLength(255)
  readonly group?: string;

  @IfGiven()
  @MaxLength(255)
  readonly robot?: string;

  @MaxLength(maxRepositoryNameLength)
  readonly repository!: string;

  /** Left out: every action. */
  @IfGiven()
  @IsIn(actions)
  readonly action?: Action;
}

/** The subject that a query names, if any. Throws VALIDATION_FAILED for more than one. */
export function subjectOf(query: Partial<Record<SubjectType, string>>): Subject | undefined {
  const named = subjectTypes.flatMap((type) => {
    const name = query[type];
    return name === undefined ? [] : [{ type, name }];
  });
  if (named.length < 2) return named[0];
  const detail = named.slice(1).map(({ type }) => ({
    pointer: `/${type}`,
    message: 'only one subject can be asked for',
  }));
  throw new Failure('VALIDATION_FAILED', { detail });
}
