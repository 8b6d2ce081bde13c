import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { maxPatternLength } from '../../access/pattern.js';
import { maxScopes } from '../../users/tokens/access-tokens.js';
import { ActionsBody } from '../grants/grants.dto.js';
import { IfGiven } from '../lists/if-given.js';
import { PageQuery } from '../lists/list-query.js';
import { IsTime } from '../lists/time.js';

export class TokenScopeBody extends ActionsBody {
  @MaxLength(maxPatternLength)
  @IsString()
  readonly pattern!: string;
}

export class CreateTokenBody {
  @MaxLength(64)
  @IsString()
  readonly name!: string;

  /** Left out or null: it does not expire. */
  @IsOptional()
  @IsTime()
  readonly expiresAt?: string | null;

  /** Left out or empty: all that its owner may do. */
  @IfGiven()
  @ValidateNested({ each: true })
  @Type(() => TokenScopeBody)
  @IsObject({ each: true }) // ValidateNested lets a list within the list pass
  @ArrayMaxSize(maxScopes)
  @IsArray()
  readonly scopes?: TokenScopeBody[];
}

export class TokensQuery extends PageQuery {
  /** Left out: an admin is shown everybody's, others their own. */
  @IfGiven()
  @MaxLength(255)
  readonly user?: string;
}
