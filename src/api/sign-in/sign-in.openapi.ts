import { maxSessionsOfUser } from '../../users/sessions.js';
import { describeResource } from '../openapi/resource.js';
import { choice, choiceOf, count, flag, listOf, members, orNull, ref, text, time } from '../openapi/schema.js';
import { exampleUser } from '../users/users.openapi.js';
import { type PresentedSession, SessionsController } from './sessions.controller.js';
import { SignInController } from './sign-in.controller.js';

const accessToken = {
  schema: members<Record<'accessToken' | 'tokenType' | 'expiresIn', unknown>>({
    accessToken: text,
    tokenType: choice(['Bearer']),
    expiresIn: count,
  }),
  example: { accessToken: 'eyJhbGciOiJIUzI1NiJ9…', tokenType: 'Bearer', expiresIn: 900 },
};
const session = members<PresentedSession>({
  id: text,
  kind: choiceOf<PresentedSession['kind']>({ session: true, 'refresh-token': true }),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
  address: text,
  userAgent: text,
  clientId: orNull(text),
  current: flag,
});
const exampleSession = {
  id: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  kind: 'session',
  createdAt: '2026-11-20T09:38:12.000Z',
  lastSeenAt: '2026-11-21T09:38:12.000Z',
  expiresAt: '2026-12-20T09:38:12.000Z',
  address: '192.0.2.7',
  userAgent: 'Firefox',
  clientId: null,
  current: true,
};

export const signInResource = describeResource(SignInController, 'sign-in', {
  login: {
    id: 'signIn',
    summary: 'Sign in',
    description:
      'Answers with an access token of 15 minutes and sets the session cookie. An unknown user is told the same as a wrong password.',
    body: { username: 'ann', password: 'correct horse battery' },
    answer: accessToken,
    errors: ['UNAUTHORIZED', 'TOO_MANY_REQUESTS'],
  },
  logout: { id: 'signOut', summary: 'Sign out', description: 'Ends the session that asks, and its access tokens.' },
  refresh: {
    id: 'refreshAccessToken',
    summary: 'Get the next access token',
    description: 'As long as the session lives.',
    answer: accessToken,
  },
  me: {
    id: 'getMe',
    summary: 'Show my account',
    description: 'Whose request this is.',
    answer: { schema: ref('User'), example: exampleUser },
  },
  password: {
    id: 'changePassword',
    summary: 'Change my password',
    description: 'Ends every session and token of the account; the answer has a new access token.',
    body: { currentPassword: 'correct horse battery', newPassword: 'battery horse correct' },
    answer: accessToken,
    errors: ['PASSWORD_REJECTED', 'TOO_MANY_REQUESTS'],
  },
});

export const sessionsResource = describeResource(
  SessionsController,
  'sign-in',
  {
    list: {
      id: 'listSessions',
      summary: 'List my sessions',
      description: `Sign-ins and refresh tokens of clients such as docker, the one seen last first. An account has at most ${maxSessionsOfUser} of each: beyond that the one seen longest ago ends.`,
      answer: { schema: listOf(session), example: { items: [exampleSession] } },
    },
    endOthers: {
      id: 'endOtherSessions',
      summary: 'End all my other sessions',
      description: 'Every sign-in but the one that asks, refresh tokens of clients included.',
    },
    end: { id: 'endSession', summary: 'End one of my sessions', description: 'Over with the next request.' },
  },
  { parameters: { id: { description: 'The id of a session in the list.', example: exampleSession.id } } },
);
