import { type FieldProblem, isFailure } from '../../errors/failure.js';
import { type Refusal, refusalOf } from '../navigation/refusal.js';
import type { Locale } from '../rendering/locale.js';

/** Why an account was not accepted, and which field of its form is to be marked for that. */
export interface RefusedUser extends Refusal {
  readonly wrong?: WrongFields;
}

/** The fields to be marked, by name. */
export type WrongFields = { readonly [field in keyof typeof rules]?: true };

const rules = {
  username: 'users.badUsername',
  fullName: 'users.badFullName',
  email: 'users.badEmail',
} as const;

/** A refused account: what to say beside its form. Throws what is our fault. */
export function refusedUser(error: unknown, locale: Locale): RefusedUser {
  const field = wrongField(error);
  if (field === undefined) return refusalOf(error, locale);
  return { ...refusalOf(error, locale, { VALIDATION_FAILED: rules[field] }), wrong: { [field]: true } };
}

function wrongField(error: unknown): keyof typeof rules | undefined {
  if (isFailure(error, 'USERNAME_TAKEN')) return 'username';
  if (!isFailure(error, 'VALIDATION_FAILED') || !Array.isArray(error.detail)) return undefined;
  const [problem] = error.detail as readonly FieldProblem[];
  return (Object.keys(rules) as (keyof typeof rules)[]).find((field) => problem?.pointer === `/${field}`);
}
