import { setting } from './setting.js';
import { parseCount, parseDuration, parseFlag, parseSize, parseText, unless } from './values.js';

/** What concerns images on their way in and out; part of the table in settings.ts. */
export const registrySettings = {
  maxBlobBytes: setting({
    name: 'BERTH_MAX_BLOB_BYTES',
    key: 'registry.maxBlobBytes',
    default: 'unlimited',
    parse: unless('unlimited', parseSize),
    doc: 'Largest blob that may be pushed; what is there already stays.',
  }),
  maxManifestBytes: setting({
    name: 'BERTH_MAX_MANIFEST_BYTES',
    key: 'registry.maxManifestBytes',
    default: '4MiB',
    parse: parseSize,
    doc: 'Largest manifest that may be pushed, or taken in from files; what is there already stays.',
  }),
  uploadsPerUser: setting({
    name: 'BERTH_UPLOADS_PER_USER',
    key: 'registry.uploadsPerUser',
    default: '100',
    parse: parseCount(1, 1_000_000),
    doc: 'Unfinished uploads one user may have.',
  }),
  uploadTtl: setting({
    name: 'BERTH_UPLOAD_TTL',
    key: 'registry.uploadTtl',
    default: '24h',
    parse: parseDuration,
    doc: 'An upload without news for this long is thrown away.',
  }),
  deleteEnabled: setting({
    name: 'BERTH_DELETE_ENABLED',
    key: 'registry.deleteEnabled',
    default: 'true',
    parse: parseFlag,
    aliases: [{ name: 'REGISTRY_STORAGE_DELETE_ENABLED' }],
    doc: '`false` refuses to delete images, tags, blobs and repositories, whoever asks and wherever.',
  }),
  sparseIndexes: setting({
    name: 'BERTH_SPARSE_INDEXES',
    key: 'registry.sparseIndexes',
    default: 'false',
    parse: parseFlag,
    doc: '`true` accepts an index whose manifests, and an image whose layers, are not all here, pushed or taken in from files.',
  }),
  layoutMirror: setting({
    name: 'BERTH_LAYOUT_MIRROR',
    key: 'registry.layoutMirror',
    default: 'true',
    parse: parseFlag,
    doc: 'Keeps manifests and tags as files beside the blobs too, as CNCF Distribution does, within a minute of a change.',
  }),
  accelRedirect: setting({
    name: 'BERTH_ACCEL_REDIRECT',
    key: 'registry.accelRedirect',
    default: 'off',
    parse: unless('off', parseText(/^(\/[\w.-]{1,100}){1,5}$/, 'a path such as /berth-blobs, or off')),
    doc: 'Internal location of nginx over the blobs: it then sends layers from the disk by itself (`X-Accel-Redirect`).',
  }),
};
