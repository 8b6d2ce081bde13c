import type { Subject, SubjectType } from '../../access/subject.js';
import { urlOfUser } from '../navigation/urls.js';

const icons: Record<SubjectType, string> = { user: 'user', group: 'users', robot: 'bot' };

/** Whom a grant names. Only accounts of people have a page. */
export function presentSubject({ type, name }: Subject): object {
  return {
    subject: name,
    subjectKind: `grants.kind.${type}`,
    subjectIcon: icons[type],
    subjectUrl: type === 'user' ? urlOfUser(name) : undefined,
  };
}
