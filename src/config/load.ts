import { resolve } from 'node:path';
import type { Config, DescribedSetting } from './config.js';
import { ConfigError } from './config-error.js';
import { readPlainFile } from './plain-file.js';
import type { Setting } from './setting.js';
import { allSettings, settings } from './settings.js';
import {
  environmentSource,
  type Findings,
  type Found,
  fileSource,
  type ReadFile,
  reason,
  type Source,
} from './sources.js';
import { shown, shownName, ValueError } from './values.js';
import { readYaml } from './yaml-file.js';

export interface LoadInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments of the program, without Node and the script. */
  readonly argv: readonly string[];
  /** Reads a text file whole or throws, as {@link readPlainFile} does. */
  readonly readFile: ReadFile;
  /** What relative paths of the settings are relative to. */
  readonly cwd: string;
  /** Whether a person reads the log. */
  readonly terminal: boolean;
}

export interface Loaded {
  readonly config: Config;
  /** Every setting as it was written, for people; frozen too. */
  readonly settings: readonly DescribedSetting[];
  /** For the start-up log. */
  readonly notes: readonly string[];
}

/** Characters of the longest list of origins or networks that anybody needs. */
const longestValue = 65_536;

/** The settings of this process. @throws ConfigError naming every problem at once */
export function loadProcessConfig(): Promise<Loaded> {
  return loadConfig({
    env: process.env,
    argv: process.argv.slice(2),
    readFile: readPlainFile,
    cwd: process.cwd(),
    terminal: process.stdout.isTTY === true,
  });
}

/** Defaults < YAML file < environment, validated and frozen. @throws ConfigError naming every problem at once */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const findings: Findings = { problems: [], notes: [] };
  const sources = await openSources(input, findings);

  const optional = <T>(setting: Setting<T>): T | undefined => {
    const found = firstFound(sources, setting);
    if (!found) return undefined;
    try {
      if (found.text.length > longestValue) throw new ValueError(`expected at most ${longestValue} characters`);
      if (found.text.includes('\ufffd')) throw new ValueError('expected text in UTF-8'); // put there for bytes that are not
      return setting.parse(setting.secret ? found.text : found.text.trim());
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      findings.problems.push(`${found.from}: ${error.message}${setting.secret ? '' : `, found ${shown(found.text)}`}`);
      return undefined;
    }
  };
  /** For settings that have a default; the default also stands in for a wrong value until the problems are thrown. */
  const required = <T>(setting: Setting<T>): T => optional(setting) ?? setting.parse(setting.default ?? '');

  const config: Config = {
    host: required(settings.host),
    port: required(settings.port),
    publicUrl: optional(settings.publicUrl),
    tls: bothOrNone(optional(settings.tlsCert), optional(settings.tlsKey), input.cwd, findings),
    trustedProxies: required(settings.trustedProxies),
    dataDir: resolve(input.cwd, required(settings.dataDir)),
    admin: { username: required(settings.adminUsername), password: optional(settings.adminPassword) },
    secretKey: optional(settings.secretKey),
    token: { service: required(settings.tokenService), seconds: required(settings.tokenSeconds) },
    signIn: { failures: required(settings.loginFailures), windowMs: required(settings.loginWindow) },
    cors: {
      origins: optional(settings.corsOrigins) ?? [],
      methods: required(settings.corsMethods),
      headers: required(settings.corsHeaders),
    },
    session: { idleMs: required(settings.sessionIdle), lifeMs: required(settings.sessionLife) },
    audit: { days: required(settings.auditDays) },
    scrub: { intervalMs: required(settings.scrubInterval) },
    log: {
      level: required(settings.logLevel),
      format: optional(settings.logFormat) ?? (input.terminal ? 'pretty' : 'json'),
    },
    readTimeoutMs: required(settings.readTimeout),
    writeTimeoutMs: required(settings.writeTimeout),
    connectionsPerAddress: required(settings.connectionsPerAddress),
    webEnabled: required(settings.webEnabled),
    registry: {
      maxBlobBytes: optional(settings.maxBlobBytes),
      maxManifestBytes: required(settings.maxManifestBytes),
      uploadsPerUser: required(settings.uploadsPerUser),
      uploadsPerRobot: required(settings.uploadsPerRobot),
      uploadBytesPerUser: required(settings.uploadBytesPerUser),
      uploadBytes: required(settings.uploadBytes),
      diskReserveBytes: optional(settings.diskReserve),
      uploadTtlMs: required(settings.uploadTtl),
      deleteEnabled: required(settings.deleteEnabled),
      sparseIndexes: required(settings.sparseIndexes),
      layoutMirror: required(settings.layoutMirror),
      accelRedirect: optional(settings.accelRedirect),
    },
    console: {
      timeZone: optional(settings.timeZone),
      defaultLanguage: required(settings.defaultLanguage),
      title: required(settings.title),
    },
  };
  if (findings.problems.length > 0) throw new ConfigError(findings.problems);
  const described = allSettings.map((setting) => describe(setting, firstFound(sources, setting)));
  return { config: freeze(config), settings: freeze(described), notes: [...new Set(findings.notes)] };
}

function bothOrNone(
  cert: string | undefined,
  key: string | undefined,
  cwd: string,
  { problems }: Findings,
): Config['tls'] {
  if (cert !== undefined && key !== undefined) return { certFile: resolve(cwd, cert), keyFile: resolve(cwd, key) };
  if (cert !== undefined) problems.push(`${settings.tlsCert.name} needs ${settings.tlsKey.name} beside it`);
  if (key !== undefined) problems.push(`${settings.tlsKey.name} needs ${settings.tlsCert.name} beside it`);
  return undefined;
}

function describe({ name, secret, unset }: Setting<unknown>, found: Found | undefined): DescribedSetting {
  if (!found) return { name, value: null, source: unset ?? 'not set' };
  return { name, value: secret ? '***' : found.text.trim(), source: found.from };
}

/** The sources, the one that wins first. */
async function openSources(input: LoadInput, findings: Findings): Promise<Source[]> {
  return [
    environmentSource(input.env, input.readFile, findings),
    await openFile(input, findings),
    (setting) => (setting.default ? { text: setting.default, from: 'the default' } : undefined),
  ];
}

function firstFound(sources: readonly Source[], setting: Setting<unknown>): Found | undefined {
  for (const source of sources) {
    const found = source(setting);
    if (found) return found;
  }
  return undefined;
}

/** The YAML file that `--config` or BERTH_CONFIG names. */
async function openFile({ argv, env, readFile }: LoadInput, findings: Findings): Promise<Source> {
  const nothing: Source = () => undefined;
  const path = configArgument(argv, findings) ?? env.BERTH_CONFIG;
  if (!path) return nothing;
  try {
    return fileSource(await readYaml(readFile(path)), path, readFile, findings);
  } catch (error) {
    findings.problems.push(`the configuration file ${path} cannot be read (${reason(error)})`);
    return nothing;
  }
}

function configArgument(argv: readonly string[], { problems }: Findings): string | undefined {
  let path: string | undefined;
  for (let index = 0; index < argv.length; index++) {
    const [option, value] = argv[index]?.split(/=(.*)/s) ?? [];
    // What stands beside an option may be a password.
    if (option !== '--config') {
      const named = option?.startsWith('-') ? shownName(option) : 'a word without an option';
      problems.push(`${named} is not an argument; the only one is --config <file>`);
    } else {
      path = value ?? argv[++index];
      if (!path) problems.push('--config needs the name of a file');
    }
  }
  return path;
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof URL) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
