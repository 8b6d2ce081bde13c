import { closest } from './closest.js';
import type { FileRules } from './plain-file.js';
import type { Setting } from './setting.js';
import { allSettings, unavailable } from './settings.js';

/** What an operator wrote for one setting, and where, as messages name it. */
export interface Found {
  readonly text: string;
  readonly from: string;
}

/** Finds what was written for a setting; empty counts as not written. */
export type Source = (setting: Setting<unknown>) => Found | undefined;

/** What reading the sources has to say: problems stop the start, notes go to the log. */
export interface Findings {
  readonly problems: string[];
  readonly notes: string[];
}

/** Reads a small file whole, or throws. */
export type ReadFile = (path: string, rules?: FileRules) => string;
type Environment = Readonly<Record<string, string | undefined>>;

/** Names Berth reads besides the table's. */
const otherNames = ['BERTH_CONFIG'];

/** Kubernetes sets these for a Service that is called "berth"; they are nobody's decision. */
const serviceLink = /^BERTH_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const serviceLinkPort = /^(tcp|udp|sctp):\/\//;

/** The environment: BERTH_NAME, else the file that BERTH_NAME_FILE names, else the first alias that says something. */
export function environmentSource(env: Environment, readFile: ReadFile, findings: Findings): Source {
  reportUnknownNames(env, findings);
  const value = (name: string): string | undefined => {
    const text = env[name];
    return text === undefined || text.trim() === '' || serviceLinkPort.test(text) ? undefined : text;
  };
  return (setting) => {
    const text = value(setting.name);
    const path = setting.secret && value(`${setting.name}_FILE`);
    if (text !== undefined && path) findings.problems.push(`${setting.name} and ${setting.name}_FILE are both set`);
    if (text !== undefined) return { text, from: setting.name };
    if (path) return secretFile(`${setting.name}_FILE`, path, readFile, findings);
    for (const alias of setting.aliases ?? []) {
      const written = value(alias.name);
      const translated = written !== undefined && alias.read ? alias.read(written) : written;
      if (translated === undefined) continue;
      findings.notes.push(`${alias.name} is read as ${setting.name}, which is the name to prefer`);
      return { text: translated, from: alias.name };
    }
    return undefined;
  };
}

function reportUnknownNames(env: Environment, { problems, notes }: Findings): void {
  const secrets = allSettings.filter((setting) => setting.secret).map((setting) => `${setting.name}_FILE`);
  const known = new Set([...allSettings.map((setting) => setting.name), ...secrets, ...otherNames]);
  const planned = new Set(unavailable.map((row) => row.name));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('BERTH_') || known.has(name) || serviceLink.test(name)) continue;
    if (planned.has(name.replace(/_FILE$/, ''))) problems.push(`${name} is not available in this version`);
    else problems.push(`${name} is not a setting${didYouMean(name, known)}`);
  }
  for (const row of unavailable) {
    for (const alias of row.aliases ?? []) {
      if (env[alias]) notes.push(`${alias} has no effect: ${row.name} is not available in this version`);
    }
  }
}

/**
 * The YAML file, flattened to `registry.deleteEnabled` → text. The failsafe schema leaves every scalar as written, so
 * that one grammar reads both sources.
 * @param document - what the YAML parser made of the file
 */
export function fileSource(document: unknown, path: string, readFile: ReadFile, findings: Findings): Source {
  const entries = new Map(flatten(document, ''));
  const secrets = allSettings.filter((setting) => setting.secret).map((setting) => `${setting.key}File`);
  const known = new Set([...allSettings.map((setting) => setting.key), ...secrets]);
  const planned = new Set(unavailable.map((row) => row.key));
  for (const key of entries.keys()) {
    if (planned.has(key)) findings.problems.push(`${key} in ${path} is not available in this version`);
    else if (!known.has(key)) findings.problems.push(`${key} in ${path} is not a setting${didYouMean(key, known)}`);
  }
  return (setting) => {
    const text = entries.get(setting.key);
    const file = setting.secret && entries.get(`${setting.key}File`);
    if (text && file) findings.problems.push(`${setting.key} and ${setting.key}File in ${path} are both set`);
    if (text) return { text, from: `${setting.key} in ${path}` };
    return file ? secretFile(`${setting.key}File in ${path}`, file, readFile, findings) : undefined;
  };
}

/** Scalars and lists of scalars (`a,b`) by their dotted path. */
function* flatten(value: unknown, key: string): Generator<[string, string]> {
  if (typeof value === 'string') yield [key, value];
  else if (Array.isArray(value) && value.every((item) => typeof item === 'string')) yield [key, value.join(',')];
  else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) yield* flatten(child, key === '' ? name : `${key}.${name}`);
  }
}

function secretFile(from: string, path: string, readFile: ReadFile, { problems }: Findings): Found | undefined {
  try {
    const text = readFile(path, { secret: true }).replace(/\r?\n$/, '');
    if (text !== '') return { text, from };
    problems.push(`${from}: ${path} is empty`);
  } catch (error) {
    problems.push(`${from}: ${path} cannot be read (${reason(error)})`);
  }
  return undefined;
}

/** `ENOENT`, or what else went wrong, in a line that quotes nothing of the file. */
export function reason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (/^E[A-Z]+$/.test(code)) return code;
  return (String(error).split('\n', 1)[0] ?? '').replace(/^\w+: |:$/g, '');
}

function didYouMean(name: string, known: Iterable<string>): string {
  const near = closest(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
