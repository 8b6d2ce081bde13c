import { IsIn } from 'class-validator';
import { IfGiven } from '../lists/if-given.js';
import { ListQuery } from '../lists/list-query.js';

export class TagsQuery extends ListQuery {
  @IfGiven()
  @IsIn(['-pushedAt', 'name'])
  readonly sort?: '-pushedAt' | 'name';
}
