import { languages, logFormats, logLevels } from './config.js';
import {
  parseChoice,
  parseCount,
  parseDuration,
  parseFlag,
  parseNetworks,
  parseOrigin,
  parseSeconds,
  parseSecretKey,
  parseSize,
  parseText,
  parseTimeZone,
  unless,
} from './values.js';

/** One thing an operator can decide. The table below is what the loader, `.env.example` and docs/configuration.md read. */
export interface Setting<T> {
  readonly name: string;
  /** Where it stands in the YAML file. */
  readonly key: string;
  readonly parse: (text: string) => T;
  /** In the grammar of `parse`. Settings without one say in `unset` what happens. */
  readonly default?: string;
  readonly unset?: string;
  /** Never shown; can also be read from a file named by NAME_FILE. */
  readonly secret?: true;
  readonly aliases?: readonly Alias[];
  readonly doc: string;
}

/** A name other registries use for the same thing. `read` translates its value; undefined means it says nothing. */
export interface Alias {
  readonly name: string;
  readonly read?: (text: string) => string | undefined;
}

/** Keeps the type of `parse` for the loader. */
function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}

const httpAddress = /^(?<host>.*):(?<port>\d+)$/;
const anyText = parseText(/^[^\p{Cc}]{1,200}$/u, 'one line of text');

export const settings = {
  host: setting({
    name: 'BERTH_HOST',
    key: 'host',
    default: '0.0.0.0',
    parse: parseText(/^[\p{L}\d.:_-]{1,253}$/u, 'a host name or an address'),
    aliases: [
      { name: 'HOST' },
      {
        name: 'REGISTRY_HTTP_ADDR',
        read: (text) => httpAddress.exec(text)?.groups?.host?.replace(/^\[|\]$/g, '') || undefined,
      },
    ],
    doc: 'Address it listens on.',
  }),
  port: setting({
    name: 'BERTH_PORT',
    key: 'port',
    default: '5000',
    parse: parseCount(0, 65_535),
    aliases: [
      { name: 'PORT' },
      { name: 'REGISTRY_HTTP_ADDR', read: (text) => httpAddress.exec(text)?.groups?.port ?? text },
    ],
    doc: 'Port it listens on; 0 takes a free one.',
  }),
  publicUrl: setting({
    name: 'BERTH_PUBLIC_URL',
    key: 'publicUrl',
    unset: "the request's own address",
    parse: parseOrigin,
    aliases: [{ name: 'REGISTRY_PUSH_HOST', read: (text) => (text.includes('://') ? text : `http://${text}`) }],
    doc: 'Address clients use. Fixes the realm and the commands the console shows.',
  }),
  trustedProxies: setting({
    name: 'BERTH_TRUSTED_PROXIES',
    key: 'trustedProxies',
    default: 'loopback',
    parse: parseNetworks,
    doc: 'Whose X-Forwarded-* headers count: `loopback`, `private`, addresses and CIDR blocks, or `none`.',
  }),
  dataDir: setting({
    name: 'BERTH_DATA_DIR',
    key: 'dataDir',
    default: './data',
    parse: anyText,
    aliases: [{ name: 'REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY' }],
    doc: 'Database, blobs, uploads and keys; created with mode 0700.',
  }),
  adminUsername: setting({
    name: 'BERTH_ADMIN_USERNAME',
    key: 'admin.username',
    default: 'admin',
    parse: anyText,
    doc: 'Name of the first administrator; used only while there is no user.',
  }),
  adminPassword: setting({
    name: 'BERTH_ADMIN_PASSWORD',
    key: 'admin.password',
    secret: true,
    unset: 'generated',
    parse: (text) => text,
    doc: 'Password of the first administrator. A generated one is printed once and must be changed at the first sign-in; this one need not be.',
  }),
  secretKey: setting({
    name: 'BERTH_SECRET_KEY',
    key: 'secretKey',
    secret: true,
    unset: 'generated into the data directory',
    parse: parseSecretKey,
    aliases: [{ name: 'SECRET_KEY' }],
    doc: 'Keys of sessions and forms are derived from it; at least 32 bytes.',
  }),
  tokenService: setting({
    name: 'BERTH_TOKEN_SERVICE',
    key: 'token.service',
    default: 'berth',
    parse: parseText(/^[\w.:/-]{1,255}$/, 'letters, digits and . _ : / -'),
    doc: '`service` of the token realm and audience of its tokens.',
  }),
  tokenSeconds: setting({
    name: 'BERTH_TOKEN_SECONDS',
    key: 'token.seconds',
    default: '300',
    parse: parseSeconds(60, 3600),
    doc: 'Life of a registry token, 60 to 3600 seconds.',
  }),
  logLevel: setting({
    name: 'BERTH_LOG_LEVEL',
    key: 'log.level',
    default: 'info',
    parse: parseChoice(logLevels),
    aliases: [{ name: 'DEBUG', read: (text) => (/^(true|yes|on|1)$/i.test(text) ? 'debug' : undefined) }],
    doc: `Least important messages to log: ${logLevels.join(', ')}.`,
  }),
  logFormat: setting({
    name: 'BERTH_LOG_FORMAT',
    key: 'log.format',
    unset: 'pretty on a terminal, else json',
    parse: parseChoice(logFormats),
    doc: '`pretty` for people or `json` for machines.',
  }),
  readTimeout: setting({
    name: 'BERTH_READ_TIMEOUT',
    key: 'readTimeout',
    default: '60s',
    parse: parseDuration,
    doc: 'Longest silence of a client that sends a body; the transfer as a whole may last.',
  }),
  writeTimeout: setting({
    name: 'BERTH_WRITE_TIMEOUT',
    key: 'writeTimeout',
    default: '60s',
    parse: parseDuration,
    doc: 'Longest silence of a client that receives a body.',
  }),
  webEnabled: setting({
    name: 'BERTH_WEB_ENABLED',
    key: 'web.enabled',
    default: 'true',
    parse: parseFlag,
    doc: '`false` serves the registry, the realm and the API without the console.',
  }),
  loginFailures: setting({
    name: 'BERTH_LOGIN_FAILURES',
    key: 'login.failures',
    default: '10',
    parse: parseCount(1, 1_000_000),
    doc: 'Failed sign-ins of one account from one address before it has to wait.',
  }),
  loginWindow: setting({
    name: 'BERTH_LOGIN_WINDOW',
    key: 'login.window',
    default: '5m',
    parse: parseDuration,
    doc: 'How long failed sign-ins count.',
  }),
  sessionIdle: setting({
    name: 'BERTH_SESSION_IDLE',
    key: 'session.idle',
    default: '12h',
    parse: parseDuration,
    doc: 'A console session ends after this long without a request.',
  }),
  sessionLife: setting({
    name: 'BERTH_SESSION_LIFE',
    key: 'session.life',
    default: '30d',
    parse: parseDuration,
    doc: 'A console session ends after this long in any case.',
  }),
  auditDays: setting({
    name: 'BERTH_AUDIT_DAYS',
    key: 'audit.days',
    default: '365',
    parse: parseCount(1, 36_500),
    doc: 'Days for which the record of who did what is kept.',
  }),
  maxBlobBytes: setting({
    name: 'BERTH_MAX_BLOB_BYTES',
    key: 'registry.maxBlobBytes',
    default: 'unlimited',
    parse: unless('unlimited', parseSize),
    doc: 'Largest blob.',
  }),
  maxManifestBytes: setting({
    name: 'BERTH_MAX_MANIFEST_BYTES',
    key: 'registry.maxManifestBytes',
    default: '4MiB',
    parse: parseSize,
    doc: 'Largest manifest.',
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
    doc: '`false` refuses to delete images, whoever asks.',
  }),
  sparseIndexes: setting({
    name: 'BERTH_SPARSE_INDEXES',
    key: 'registry.sparseIndexes',
    default: 'false',
    parse: parseFlag,
    doc: '`true` accepts an index whose manifests, and an image whose layers, are not all here.',
  }),
  accelRedirect: setting({
    name: 'BERTH_ACCEL_REDIRECT',
    key: 'registry.accelRedirect',
    default: 'off',
    parse: unless('off', parseText(/^(\/[\w.-]{1,100}){1,5}$/, 'a path such as /berth-blobs, or off')),
    doc: 'Internal location of nginx over the blobs: it then sends layers from the disk by itself (`X-Accel-Redirect`).',
  }),
  timeZone: setting({
    name: 'BERTH_TIME_ZONE',
    key: 'console.timeZone',
    default: 'system',
    parse: unless('system', parseTimeZone),
    doc: 'Time zone of the console.',
  }),
  defaultLanguage: setting({
    name: 'BERTH_DEFAULT_LANGUAGE',
    key: 'console.defaultLanguage',
    default: 'en',
    parse: parseChoice(languages),
    doc: `Language for browsers that ask for none of ours: ${languages.join(', ')}.`,
  }),
  title: setting({
    name: 'BERTH_TITLE',
    key: 'console.title',
    default: 'Berth',
    parse: anyText,
    doc: 'Name of this installation in the console.',
  }),
};

/** Settings of the design whose feature does not exist yet: refused by name, instead of doing nothing in silence. */
export const unavailable: readonly { name: string; key: string; aliases?: readonly string[] }[] = [
  { name: 'BERTH_DATABASE_URL', key: 'databaseUrl', aliases: ['DATABASE_URL'] },
  { name: 'BERTH_TLS_CERT', key: 'tls.cert' },
  { name: 'BERTH_TLS_KEY', key: 'tls.key' },
  { name: 'BERTH_CORS_ORIGINS', key: 'cors.origins' },
  { name: 'BERTH_CORS_METHODS', key: 'cors.methods' },
  { name: 'BERTH_CORS_HEADERS', key: 'cors.headers' },
  { name: 'BERTH_UPSTREAM_URL', key: 'upstream.url', aliases: ['REGISTRY_URL', 'REGISTRY_API_URL'] },
  { name: 'BERTH_UPSTREAM_USERNAME', key: 'upstream.username', aliases: ['REGISTRY_USERNAME'] },
  { name: 'BERTH_UPSTREAM_PASSWORD', key: 'upstream.password', aliases: ['REGISTRY_PASSWORD'] },
  { name: 'BERTH_UPSTREAM_TIMEOUT', key: 'upstream.timeout', aliases: ['REQUEST_TIMEOUT_SEC'] },
  { name: 'BERTH_OPEN_SIGNUP', key: 'openSignup' },
];

/** Every row, for those who describe settings rather than read one. */
export const allSettings: readonly Setting<unknown>[] = Object.values(settings);
