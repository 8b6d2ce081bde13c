import type { ValueTransformer } from 'typeorm';

/** Times are `Date` in entities and integer epoch milliseconds in rows, so they sort and compare the same in every database. */
export const epochMilliseconds: ValueTransformer = {
  to: (value: Date | null | undefined) => (value instanceof Date ? value.getTime() : value),
  from: (value: number | string | null) => (value === null ? null : new Date(Number(value))),
};
