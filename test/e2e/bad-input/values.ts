/** A part of a JSON schema as our OpenAPI document writes it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly maxLength?: number;
}

/** Members that a client might hope to set: what is ours to decide, and what reaches behind objects. */
export const privileged = [
  ...['id', 'uid', 'userId', 'ownerId', 'createdAt', 'updatedAt', 'createdBy', 'lastSignInAt', 'secret', 'hash'],
  ...['passwordHash', 'password_hash', 'credentialVersion', 'isAdmin', 'admin', 'has_admin_role', 'role', 'enabled'],
  ...['mustChangePassword', 'narrowedTo', 'actions', 'visibility', 'grants', 'groups', 'toString', 'prototype', '$ne'],
  ...['__proto__', 'constructor'],
] as const;

const every: readonly unknown[] = [
  7,
  1.5,
  true,
  null,
  'x',
  '',
  {},
  { $ne: null },
  { toString: 'x' },
  [],
  ['x'],
  [null],
  [{}],
  [[]],
];

/** Values of other types than the schema has. */
export function confusions(schema: Schema): unknown[] {
  const types = [schema.type ?? 'string'].flat();
  return every.filter((value) => !types.includes(typeOf(value)) || isWrongInside(value, schema));
}

function isWrongInside(value: unknown, { enum: choices, items }: Schema): boolean {
  if (choices !== undefined) return !choices.includes(value);
  if (!Array.isArray(value) || items === undefined) return false;
  return value.length > 0 && (typeOf(value[0]) !== 'string' || items.enum !== undefined || items.type !== 'string');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** JSON of an object with one member more, or another value for one; it may be called anything. */
export function withMember(base: object, name: string, value: unknown): string {
  const entries = Object.entries(base).filter(([known]) => known !== name);
  return `{${[...entries, [name, value]].map(([key, of]) => `${JSON.stringify(key)}:${JSON.stringify(of)}`).join()}}`;
}
