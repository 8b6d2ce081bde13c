import type { KeyInfo } from '../../auth/keys/signing-keys.js';
import { describeResource } from '../openapi/resource.js';
import { choice, listOf, members, orNull, ref, text, time } from '../openapi/schema.js';
import { KeysController } from './keys.controller.js';

const key = members<KeyInfo>({
  kid: text,
  algorithm: choice(['ES256']),
  status: choice(['signing', 'retired']),
  createdAt: time,
  retiredAt: orNull(time),
  verifiesUntil: orNull(time),
});
const example = {
  kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  algorithm: 'ES256',
  status: 'signing',
  createdAt: '2026-11-20T09:38:12.000Z',
  retiredAt: null,
  verifiesUntil: null,
};

export const keysResource = describeResource(
  KeysController,
  'system',
  {
    list: {
      id: 'listKeys',
      summary: 'List the signing keys',
      description: 'The one that signs registry tokens, then those that still verify them.',
      answer: { schema: listOf(ref('Key')), example: { items: [example] } },
    },
    rotate: {
      id: 'rotateKeys',
      summary: 'Sign with a new key',
      description: 'Tokens of the old one stay good until they expire.',
      answer: { schema: ref('Key'), example },
    },
  },
  { schemas: { Key: { ...key, examples: [example] } } },
);
