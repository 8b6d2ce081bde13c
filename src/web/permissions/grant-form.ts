import { type Action, actions, isAction } from '../../access/action.js';
import { isFailure } from '../../errors/failure.js';
import type { Form } from '../navigation/form.js';
import { type Refusal, refusalOf } from '../navigation/refusal.js';
import type { Locale } from '../rendering/locale.js';

/** The fields of a form that adds a grant. */
export interface GrantFields {
  readonly username: string;
  readonly pattern: string;
  readonly actions: readonly Action[];
}

export const emptyGrant: GrantFields = { username: '', pattern: '', actions: ['pull'] };

export function readGrant(form: Form): GrantFields {
  return {
    username: form.text('username'),
    pattern: form.text('pattern'),
    actions: form.all('action').filter(isAction),
  };
}

/** @param fixedPattern true on a repository's own page, where the pattern is its name */
export function presentGrantForm(fields: GrantFields, { fixedPattern }: { readonly fixedPattern: boolean }): object {
  return {
    username: fields.username,
    pattern: fields.pattern,
    fixedPattern,
    actions: actions.map((action) => ({ action, checked: fields.actions.includes(action) })),
  };
}

/** A refused grant: what to say beside the form. Throws what is our fault. */
export function refusedGrant(error: unknown, fields: GrantFields, locale: Locale): Refusal {
  const invalid = fields.actions.length === 0 ? 'grants.noActions' : 'grants.badPattern';
  const { status, alert } = refusalOf(error, locale, { VALIDATION_FAILED: invalid, CONFLICT: 'grants.tooMany' });
  return isFailure(error, 'NOT_FOUND')
    ? { status, alert: locale.t('grants.unknownUser', { name: fields.username }) }
    : { status, alert };
}
