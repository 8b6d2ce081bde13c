import type { EndingRights } from '../../permissions/rights.js';
import { presentSubject } from '../permissions/present-subject.js';
import type { Locale } from '../rendering/locale.js';
import { actionNames } from './present-repository.js';

/** What somebody loses with a repository, before it goes. */
export function presentEnding({ subject, loses, mayMakeAnew }: EndingRights, locale: Locale): object {
  return { ...presentSubject(subject), loses: actionNames(loses, locale), mayMakeAnew };
}
