import { catalog, type FailureCode } from '../../errors/catalog.js';
import { isFailure } from '../../errors/failure.js';
import type { Locale } from '../rendering/locale.js';

/** Why a form was not accepted, to be said beside it, and the status of that answer. */
export interface Refusal {
  readonly status: number;
  readonly alert: string;
}

/**
 * What went wrong with a form through the visitor's own doing. Throws again what is our fault, and that whoever asks is not signed in any more, or may not ask any more.
 * @param words keys of texts that fit the form better than the catalogue's own
 */
export function refusalOf(error: unknown, { t }: Locale, words: Partial<Record<FailureCode, string>> = {}): Refusal {
  if (!isFailure(error) || catalog[error.code].status >= 500) throw error;
  if ((error.code === 'UNAUTHORIZED' || error.code === 'DENIED') && words[error.code] === undefined) throw error;
  const { status, key } = catalog[error.code];
  const wait = error.headers['Retry-After'];
  if (wait !== undefined) return { status, alert: t('signIn.tooMany', { count: Number(wait) }) };
  return { status, alert: t(words[error.code] ?? key) };
}
