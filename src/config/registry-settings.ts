import { setting } from './setting.js';
import { parseCount, parseDuration, parseFlag, parseSize, parseText, unless } from './values.js';

/** Bytes; infinitely many for `unlimited`. */
const sizeOrUnlimited = (text: string) => unless('unlimited', parseSize)(text) ?? Number.POSITIVE_INFINITY;

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
    doc: 'Unfinished uploads one user may have; at the limit the oldest without news for ten minutes gives way.',
  }),
  uploadsPerRobot: setting({
    name: 'BERTH_UPLOADS_PER_ROBOT',
    key: 'registry.uploadsPerRobot',
    default: '1000',
    parse: parseCount(1, 1_000_000),
    doc: 'The same of one robot, which many CI jobs may share.',
  }),
  uploadBytesPerUser: setting({
    name: 'BERTH_UPLOAD_BYTES_PER_USER',
    key: 'registry.uploadBytesPerUser',
    default: '500GiB',
    parse: sizeOrUnlimited,
    doc: 'What the unfinished uploads of one user or robot may take on the disk.',
  }),
  uploadBytes: setting({
    name: 'BERTH_UPLOAD_BYTES',
    key: 'registry.uploadBytes',
    default: '2TiB',
    parse: sizeOrUnlimited,
    doc: 'The same of everybody together.',
  }),
  diskReserve: setting({
    name: 'BERTH_DISK_RESERVE',
    key: 'registry.diskReserve',
    default: 'auto',
    parse: unless('auto', (text) => (text.toLowerCase() === 'off' ? 0 : parseSize(text))),
    doc: 'Free space that only administrators use, so that the server can be administered on a full disk; `auto` is 2 % of the disk and 1 GiB at most, of a small disk an eighth, up to 64 MiB; `off` is none.',
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
    doc: '`false` refuses to delete images, tags, blobs and repositories, whoever asks and wherever. A push still moves a tag, whose image stays under its digest, and a repository can be renamed.',
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
