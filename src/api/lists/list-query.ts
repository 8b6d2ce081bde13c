import { Matches, MaxLength, ValidateBy } from 'class-validator';
import { decodeCursor } from './cursor.js';
import { IfGiven } from './if-given.js';

const defaultLimit = 50;
const mostOfPage = 100;

/** How many a page may have. The constraints are what the description of the API says of it. */
const IsPageLimit = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPageLimit',
    constraints: [{ type: 'integer', minimum: 1, maximum: mostOfPage, default: defaultLimit }],
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && /^[1-9]\d*$/.test(value) && Number(value) <= mostOfPage,
      defaultMessage: () => `limit must be a whole number from 1 to ${mostOfPage}`,
    },
  });

/** What every list takes: how many and from where. */
export class PageQuery {
  @IfGiven()
  @IsPageLimit()
  readonly limit?: string;

  @IfGiven()
  @Matches(/^[A-Za-z0-9_-]{1,1024}$/, { message: 'cursor must be a nextCursor of this list' })
  readonly cursor?: string;
}

/** What most lists take: a text to look for besides. */
export class ListQuery extends PageQuery {
  @IfGiven()
  @MaxLength(255)
  readonly q?: string;
}

/**
 * How many to read and after which row, as the lists of the rooms take it. Throws VALIDATION_FAILED for the cursor of
 * another list, which `isPlace` does not know.
 */
export function placeOf(
  { limit, cursor }: PageQuery,
  isPlace?: (place: string) => boolean,
): { readonly limit: number; readonly cursor?: string } {
  return {
    limit: limit === undefined ? defaultLimit : Number(limit),
    ...(cursor !== undefined && { cursor: decodeCursor(cursor, isPlace) }),
  };
}
