import { Failure } from '../errors/failure.js';

/** Most entries in one page; whoever asks for more gets this and a Link. */
export const maxPageSize = 1000;

/** The `n` of a list (distribution-spec "Listing Tags"). Undefined when it was not given; throws PAGINATION_NUMBER_INVALID. */
export function parsePageSize(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new Failure('PAGINATION_NUMBER_INVALID');
  return Math.min(Number(value), maxPageSize);
}
