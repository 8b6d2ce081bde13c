/**
 * Any number of values as one: a query with such a list has one variable and always the same text, however long the list is.
 * Stands in FROM; `<name>.value` is a value of the list, and `<name>.value ->> 0` the first of those of a row of several.
 * Joined by CROSS JOIN it is gone through in its order.
 */
export const listed = (name: string): string => `json_each(?) AS ${name}`;

/** What a query with {@link listed} is given in that place. */
export const listOf = (values: readonly (string | number | readonly (string | number)[])[]): string =>
  JSON.stringify(values);
