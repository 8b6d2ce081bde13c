import { languages, logFormats, logLevels } from './config.js';
import { registrySettings } from './registry-settings.js';
import { type Setting, setting } from './setting.js';
import {
  parseChoice,
  parseCount,
  parseDuration,
  parseFlag,
  parseNetworks,
  parseOrigin,
  parseOrigins,
  parseSeconds,
  parseSecretKey,
  parseText,
  parseTimeZone,
  parseWords,
  unless,
} from './values.js';

const httpAddress = /^(?<host>.*):(?<port>\d+)$/;
const anyText = parseText(/^[^\p{Cc}]{1,200}$/u, 'one line of text');

/** What the loader, `.env.example` and docs/configuration.md read. */
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
  tlsCert: setting({
    name: 'BERTH_TLS_CERT',
    key: 'tls.cert',
    unset: 'plain HTTP',
    parse: anyText,
    doc: 'File with the certificate for HTTPS, in PEM, with those that vouch for it behind it.',
  }),
  tlsKey: setting({
    name: 'BERTH_TLS_KEY',
    key: 'tls.key',
    unset: 'plain HTTP',
    parse: anyText,
    doc: 'File with the private key of that certificate, in PEM, without a passphrase.',
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
  corsOrigins: setting({
    name: 'BERTH_CORS_ORIGINS',
    key: 'cors.origins',
    unset: 'none: off',
    parse: parseOrigins,
    doc: 'Origins whose pages may call the API, the realm and the registry, such as `https://ui.example.com`; `*` is everybody, without cookies.',
  }),
  corsMethods: setting({
    name: 'BERTH_CORS_METHODS',
    key: 'cors.methods',
    default: 'GET, HEAD, POST, PUT, PATCH, DELETE',
    parse: parseWords(/^(?:GET|HEAD|POST|PUT|PATCH|DELETE)$/, 'methods out of GET, HEAD, POST, PUT, PATCH, DELETE'),
    doc: 'Methods those pages may use.',
  }),
  corsHeaders: setting({
    name: 'BERTH_CORS_HEADERS',
    key: 'cors.headers',
    default: 'Accept, Authorization, Content-Type, If-Match, If-None-Match, Range, X-CSRF-Token',
    parse: parseWords(/^[\w!#$%&'+.^`|~-]+$/, 'names of headers'),
    doc: 'Headers those pages may send.',
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
    doc: 'Longest silence of a client that receives an answer.',
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
  scrubInterval: setting({
    name: 'BERTH_SCRUB_INTERVAL',
    key: 'scrub.interval',
    default: '30d',
    parse: (text) => (text === 'off' ? Number.POSITIVE_INFINITY : parseDuration(text)),
    doc: 'Time in which every blob is read once, slowly and in the background, to find damage on the disk; `off` for never.',
  }),
  ...registrySettings,
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
  { name: 'BERTH_UPSTREAM_URL', key: 'upstream.url', aliases: ['REGISTRY_URL', 'REGISTRY_API_URL'] },
  { name: 'BERTH_UPSTREAM_USERNAME', key: 'upstream.username', aliases: ['REGISTRY_USERNAME'] },
  { name: 'BERTH_UPSTREAM_PASSWORD', key: 'upstream.password', aliases: ['REGISTRY_PASSWORD'] },
  { name: 'BERTH_UPSTREAM_TIMEOUT', key: 'upstream.timeout', aliases: ['REQUEST_TIMEOUT_SEC'] },
  { name: 'BERTH_OPEN_SIGNUP', key: 'openSignup' },
];

/** Every row, for those who describe settings rather than read one. */
export const allSettings: readonly Setting<unknown>[] = Object.values(settings);
