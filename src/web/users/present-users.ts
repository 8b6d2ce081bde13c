import { type Role, roles } from '../../access/principal.js';
import type { Page } from '../../database/page.js';
import type { User } from '../../users/user.js';
import type { Form } from '../navigation/form.js';
import { presentPager } from '../navigation/pager.js';
import { withQuery } from '../navigation/safe-path.js';
import { initials } from '../navigation/shell.js';
import { urlOfUser } from '../navigation/urls.js';
import type { Locale } from '../rendering/locale.js';
import { literalPattern } from '../repository/present-repository.js';
import type { WrongFields } from './refused-user.js';

const path = '/users';
const maxFullName = 200;
const maxEmail = 254;

/** What the form of an account holds; empty texts mean none. */
export interface UserFields {
  readonly username: string;
  readonly fullName: string;
  readonly email: string;
  readonly role: Role;
}

export function readUser(form: Form): UserFields {
  return {
    username: form.text('username'),
    fullName: form.text('fullName').slice(0, maxFullName),
    email: form.text('email').slice(0, maxEmail),
    role: form.text('role') === 'admin' ? 'admin' : 'user',
  };
}

/** @param wrong the fields to be marked */
export function presentUserForm(fields: UserFields, wrong: WrongFields = {}): object {
  const byWeight = [...roles].reverse();
  return { ...fields, wrong, roles: byWeight.map((role) => ({ role, checked: role === fields.role })) };
}

export function presentUser(user: User): object {
  const { username, fullName, role, enabled, mustChangePassword, lastSignInAt } = user;
  const url = urlOfUser(username);
  return {
    username,
    usernamePattern: literalPattern(username),
    name: fullName || username,
    initials: initials(user),
    isAdmin: role === 'admin',
    enabled,
    mustChangePassword,
    lastSignInAt,
    url,
    grantsUrl: withQuery('/permissions', { user: username }),
    switchUrl: `${url}/${enabled ? 'disable' : 'enable'}`,
  };
}

/** The table of accounts, by username. */
export function presentUsers(
  { items, nextCursor }: Page<User>,
  { q, limit, cursor }: { readonly q: string; readonly limit: number; readonly cursor: string | undefined },
  { t }: Locale,
): object {
  return {
    q,
    rows: items.map(presentUser),
    pager: presentPager(t('users.shown', { count: items.length }), { limit, cursor, nextCursor }, (place) =>
      withQuery(path, { q, ...place }),
    ),
  };
}
