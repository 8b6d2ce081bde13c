/** A JSON Schema (2020-12), as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const rowId: Schema = { type: 'integer', minimum: 1 };
export const time: Schema = { type: 'string', format: 'date-time' };
export const digest: Schema = { type: 'string', pattern: '^[a-z0-9]+:[a-f0-9]{32,}$' };

export const choice = (values: readonly string[]): Schema => ({ type: 'string', enum: values });
/** The values of `T`, which the compiler compares. */
export const choiceOf = <T extends string>(values: { readonly [K in T]: true }): Schema => choice(Object.keys(values));
export const many = (items: Schema): Schema => ({ type: 'array', items });
export const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });
export const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
/** A schema of the document's components. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** Exactly the members of `T`, which the compiler compares; all of them are there unless named in `optional`. */
export function members<T>(
  properties: { readonly [K in keyof T]-?: Schema },
  optional: readonly (keyof T)[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name as keyof T)); // keys of T by its type
  return { type: 'object', additionalProperties: false, properties, required };
}

/** The same object with more members, which are always there unless named in `optional`. */
export function extended(
  schema: Schema,
  more: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const { properties, required, ...rest } = schema as { properties: object; required: string[] }; // what `members` makes
  const added = Object.keys(more).filter((name) => !optional.includes(name));
  return { ...rest, properties: { ...properties, ...more }, required: [...required, ...added] };
}

/** A page of a list. */
export function listOf(item: Schema): Schema {
  return members<{ items: unknown; nextCursor?: string }>({ items: many(item), nextCursor: text }, ['nextCursor']);
}
