import { actions } from '../../access/action.js';
import { describeResource } from '../openapi/resource.js';
import { choice, extended, listOf, many, members, orNull, ref, rowId, text, time } from '../openapi/schema.js';
import type { PresentedToken } from './present-token.js';
import { TokensController } from './tokens.controller.js';

const scope = members<PresentedToken['scopes'][number]>({ pattern: text, actions: many(choice(actions)) });
const token = members<PresentedToken>({
  id: rowId,
  user: text,
  name: text,
  hint: text,
  scopes: many(scope),
  createdAt: time,
  expiresAt: orNull(time),
  lastUsedAt: orNull(time),
  lastUsedAddress: orNull(text),
});
const example = {
  id: 7,
  user: 'ann',
  name: 'laptop',
  hint: 'x3Qa',
  scopes: [{ pattern: 'team/*', actions: ['pull'] }],
  createdAt: '2026-11-20T09:38:12.000Z',
  expiresAt: '2027-01-31T12:00:00.000Z',
  lastUsedAt: null,
  lastUsedAddress: null,
};
const issued = {
  schema: extended(token, { secret: text }),
  example: { ...example, secret: 'berth_pat_0123456789abcdefghijABCDEFGHIJ123456' },
};

export const tokensResource = describeResource(
  TokensController,
  'tokens',
  {
    list: {
      id: 'listTokens',
      summary: 'List access tokens',
      description:
        'Your own, oldest first, without their secrets. An administrator is shown everybody’s, or those of one `user`.',
      answer: { schema: listOf(ref('Token')), example: { items: [example] } },
      errors: ['NOT_FOUND'],
    },
    create: {
      id: 'createToken',
      summary: 'Create an access token',
      description:
        'For yourself. `scopes` narrow what it may do; it never may more than you. The answer has the secret, this once.',
      body: { name: 'laptop', expiresAt: '2027-01-31T12:00:00Z', scopes: [{ pattern: 'team/*', actions: ['pull'] }] },
      answer: issued,
      errors: ['CONFLICT'],
    },
    show: {
      id: 'getToken',
      summary: 'Show an access token',
      description: 'Without its secret. Somebody else’s does not exist, except to administrators.',
      answer: { schema: ref('Token'), example },
    },
    rotate: {
      id: 'rotateToken',
      summary: 'Give an access token another secret',
      description: 'The old one ends at once. Only its owner may learn the new one.',
      answer: issued,
      errors: ['CONFLICT'],
      conditional: true,
    },
    remove: {
      id: 'deleteToken',
      summary: 'Remove an access token',
      description: 'It is refused from the next request on, and so is what was issued for it.',
      conditional: true,
    },
  },
  { schemas: { Token: { ...token, examples: [example] } } },
);
