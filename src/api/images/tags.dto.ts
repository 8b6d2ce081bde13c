import { ArrayMaxSize, ArrayNotEmpty, ArrayUnique, IsArray, IsIn, IsString, MaxLength } from 'class-validator';
import { type TagSort, tagSorts } from '../../images/tags.store.js';
import { IfGiven } from '../lists/if-given.js';
import { ListQuery } from '../lists/list-query.js';

export class TagsQuery extends ListQuery {
  @IfGiven()
  @IsIn(tagSorts)
  readonly sort?: TagSort;
}

/** Exactly one of the two; the handler sees to it. */
export class MoveTagBody {
  @IfGiven()
  @MaxLength(255)
  @IsString()
  readonly digest?: string;

  /** A tag or a digest of the same repository. */
  @IfGiven()
  @MaxLength(255)
  @IsString()
  readonly reference?: string;
}

/** Most tags deleted by one request. */
export const mostNames = 100;

export class DeleteTagsBody {
  @MaxLength(255, { each: true })
  @IsString({ each: true })
  @ArrayUnique()
  @ArrayMaxSize(mostNames)
  @ArrayNotEmpty()
  @IsArray()
  readonly names!: string[];
}
