import type { KeyInfo } from '../../auth/keys/signing-keys.js';
import type { DescribedSetting } from '../../config/config.js';
import { describeResource } from '../openapi/resource.js';
import { choiceOf, count, flag, listOf, many, members, orNull, ref, text, time } from '../openapi/schema.js';
import { InfoController } from './info.controller.js';
import type { InstallationInfo } from './installation.js';
import { KeysController } from './keys.controller.js';
import { countedRows } from './row-counts.store.js';
import { SettingsController, type SettingsInForce } from './settings.controller.js';

const key = members<KeyInfo>({
  kid: text,
  algorithm: choiceOf<KeyInfo['algorithm']>({ ES256: true }),
  status: choiceOf<KeyInfo['status']>({ signing: true, retired: true }),
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

const settings = members<InstallationInfo['settings']>({
  publicUrl: orNull(text),
  webEnabled: flag,
  deleteEnabled: flag,
  sparseIndexes: flag,
  maxBlobBytes: orNull(count),
  maxManifestBytes: count,
  tokenSeconds: count,
  sessionIdleSeconds: count,
  sessionLifeSeconds: count,
  auditDays: count,
  trustedProxies: many(text),
});
const info = members<InstallationInfo>({
  version: text,
  node: text,
  platform: text,
  startedAt: time,
  uptimeSeconds: count,
  memoryBytes: count,
  dataDirectory: members<InstallationInfo['dataDirectory']>({
    path: text,
    freeBytes: count,
    totalBytes: count,
    blobBytes: count,
    databaseBytes: count,
  }),
  counts: {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(countedRows.map((rows) => [rows, count])),
    required: countedRows,
  },
  settings,
});
const exampleInfo = {
  version: '1.2.3',
  node: 'v20.19.5',
  platform: 'linux/x64',
  startedAt: '2026-11-21T08:00:00.000Z',
  uptimeSeconds: 7200,
  memoryBytes: 115_343_360,
  dataDirectory: {
    path: '/var/lib/berth',
    freeBytes: 53_687_091_200,
    totalBytes: 107_374_182_400,
    blobBytes: 31_457_280,
    databaseBytes: 4_194_304,
  },
  counts: Object.fromEntries(countedRows.map((rows) => [rows, 12])),
  settings: {
    publicUrl: 'https://registry.example.com',
    webEnabled: true,
    deleteEnabled: true,
    sparseIndexes: false,
    maxBlobBytes: null,
    maxManifestBytes: 4_194_304,
    tokenSeconds: 300,
    sessionIdleSeconds: 43_200,
    sessionLifeSeconds: 2_592_000,
    auditDays: 365,
    trustedProxies: [],
  },
};

export const infoResource = describeResource(
  InfoController,
  'system',
  {
    show: {
      id: 'getSystemInfo',
      summary: 'Show this installation',
      description: 'Version, disk, how much there is, and the settings that matter; no secrets.',
      errors: ['SEARCH_TIMEOUT', 'TOO_MANY_REQUESTS'],
      answer: { schema: ref('SystemInfo'), example: exampleInfo },
    },
  },
  { schemas: { SystemInfo: { ...info, examples: [exampleInfo] } } },
);

const setting = members<DescribedSetting>({ name: text, value: orNull(text), source: text });
const exampleSettings = {
  startedAt: '2026-11-21T08:00:00.000Z',
  items: [
    { name: 'BERTH_PORT', value: '5000', source: 'the default' },
    { name: 'BERTH_TITLE', value: 'Harbour', source: 'console.title in /etc/berth.yaml' },
    { name: 'BERTH_SECRET_KEY', value: '***', source: 'BERTH_SECRET_KEY_FILE' },
    { name: 'BERTH_PUBLIC_URL', value: null, source: "the request's own address" },
  ],
};

export const settingsResource = describeResource(
  SettingsController,
  'system',
  {
    list: {
      id: 'listSettings',
      summary: 'List the settings that the server works with',
      description:
        'Every one with its value as written and where that stands, as the server read them when it started. A secret is `***`; null is not set, and `source` says what happens then.',
      answer: {
        schema: members<SettingsInForce>({ startedAt: time, items: many(ref('Setting')) }),
        example: exampleSettings,
      },
    },
  },
  { schemas: { Setting: { ...setting, examples: exampleSettings.items } } },
);
