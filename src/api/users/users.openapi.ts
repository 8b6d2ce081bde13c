import { roles } from '../../access/principal.js';
import { exampleGroup, examplePlacedGrant } from '../openapi/examples.js';
import { describeResource } from '../openapi/resource.js';
import { choice, extended, flag, listOf, members, orNull, ref, text, time } from '../openapi/schema.js';
import type { PresentedUser } from './present-user.js';
import { UsersController } from './users.controller.js';

const user = members<PresentedUser>({
  username: text,
  fullName: orNull(text),
  email: orNull(text),
  role: choice(roles),
  enabled: flag,
  mustChangePassword: flag,
  createdAt: time,
  lastSignInAt: orNull(time),
});

export const exampleUser = {
  username: 'ann',
  fullName: 'Ann Lee',
  email: 'ann@example.com',
  role: 'user',
  enabled: true,
  mustChangePassword: false,
  createdAt: '2026-11-20T09:38:12.000Z',
  lastSignInAt: null,
};

const one = { schema: ref('User'), example: exampleUser };

export const usersResource = describeResource(
  UsersController,
  'users',
  {
    list: {
      id: 'listUsers',
      summary: 'List users',
      description: 'By name; `q` is searched in user names and full names.',
      counts: true,
      answer: { schema: listOf(ref('User')), example: { items: [exampleUser] } },
    },
    create: {
      id: 'createUser',
      summary: 'Create a user',
      description:
        'Without a password one is generated, is in the answer this once, and has to be changed at the first sign-in.',
      body: { username: 'ann', role: 'user', fullName: 'Ann Lee', email: 'ann@example.com' },
      answer: {
        schema: extended(user, { initialPassword: text }, ['initialPassword']),
        example: { ...exampleUser, initialPassword: 'u2vX7mQ4kTzR9bLs' },
      },
      errors: ['USERNAME_TAKEN', 'PASSWORD_REJECTED'],
    },
    show: { id: 'getUser', summary: 'Show a user', description: 'One account, without its password.', answer: one },
    update: {
      id: 'updateUser',
      summary: 'Change a user',
      description:
        'Disabling ends every session and token. The last enabled administrator cannot be disabled or demoted.',
      body: { enabled: false },
      answer: one,
      errors: ['LAST_ADMIN'],
      conditional: true,
    },
    remove: {
      id: 'deleteUser',
      summary: 'Remove a user',
      description:
        'With grants, tokens and sessions. What they pushed stays. The last enabled administrator cannot be deleted.',
      errors: ['LAST_ADMIN'],
      conditional: true,
    },
    resetPassword: {
      id: 'resetPassword',
      summary: 'Give a user another password',
      description: 'It has to be changed at the next sign-in. Every session and token of the account ends.',
      body: { password: 'correct horse battery' },
      errors: ['PASSWORD_REJECTED'],
    },
    unlock: {
      id: 'unlockUser',
      summary: 'Unlock a user',
      description: 'Lets somebody try again at once who failed to sign in too often, from wherever they tried.',
    },
    grants: {
      id: 'listPermissionsOfUser',
      summary: 'List what a user was granted',
      description: 'Their own grants and those of their groups, by pattern.',
      answer: { schema: listOf(ref('Grant')), example: { items: [examplePlacedGrant] } },
    },
    groups: {
      id: 'listGroupsOfUser',
      summary: 'List the groups of a user',
      description: 'There are few, so they come as one list.',
      answer: { schema: listOf(ref('Group')), example: { items: [exampleGroup] } },
    },
  },
  { schemas: { User: { ...user, examples: [exampleUser] } } },
);
