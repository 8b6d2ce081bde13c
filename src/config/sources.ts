import { errorCode } from '../errors/error-code.js';
import { closest } from './closest.js';
import { type FileRules, UnusableFile } from './plain-file.js';
import type { Setting } from './setting.js';
import { allSettings, unavailable } from './settings.js';
import { shownName } from './values.js';

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
    else problems.push(`${shownName(name)} is not a setting${didYouMean(name, known)}`);
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
  if (document !== null && (typeof document !== 'object' || Array.isArray(document))) {
    findings.problems.push(`${path} has to hold settings by their names, such as port: 5000`);
  }
  const entries = new Map(flatten(document, ''));
  const secrets = allSettings.filter((setting) => setting.secret).map((setting) => `${setting.key}File`);
  const known = new Set([...allSettings.map((setting) => setting.key), ...secrets]);
  const planned = new Set(unavailable.map((row) => row.key));
  const isGroup = (key: string) => [...known, ...planned].some((name) => name.startsWith(`${key}.`));
  for (const [key, text] of entries) {
    if (text === '' && isGroup(key)) continue; // all its keys are commented out
    if (planned.has(key)) findings.problems.push(`${key} in ${path} is not available in this version`);
    else if (!known.has(key)) {
      findings.problems.push(`${shownName(key)} in ${path} is not a setting${didYouMean(key, known)}`);
    }
  }
  for (const key of secretKeys) {
    if (entries.get(key) === '')
      findings.problems.push(`${key} in ${path} has to be a text; one with # ! & * : in it goes into quotes`);
  }
  if ([...secretKeys].some((key) => entries.get(key))) noteIfOpen(path, readFile, findings);
  return (setting) => {
    const text = entries.get(setting.key);
    const file = setting.secret && entries.get(`${setting.key}File`);
    if (text && file) findings.problems.push(`${setting.key} and ${setting.key}File in ${path} are both set`);
    if (text) return { text, from: `${setting.key} in ${path}` };
    return file ? secretFile(`${setting.key}File in ${path}`, file, readFile, findings) : undefined;
  };
}

/** Settings are no secret by themselves, so one beside them is a warning. */
function noteIfOpen(path: string, readFile: ReadFile, { notes }: Findings): void {
  try {
    readFile(path, { secret: true });
  } catch (error) {
    notes.push(`${path} holds a secret, and ${reason(error)}`);
  }
}

/** Keys whose values are secret. What lies below one is no setting, and may be what was meant to be its value. */
const secretKeys = new Set(allSettings.filter((setting) => setting.secret).map((setting) => setting.key));

/** Scalars and lists of scalars (`a,b`) by their dotted path; empty where nothing is, or a secret is no text. */
function* flatten(value: unknown, key: string): Generator<[string, string]> {
  if (typeof value === 'string') yield [key, value];
  else if (value === null || secretKeys.has(key)) yield [key, ''];
  else if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    yield [key, value.filter((item) => item !== '').join(',')];
  else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) yield* flatten(child, key === '' ? name : `${key}.${name}`);
  }
}

/** Its name is not told: somebody who takes NAME_FILE for NAME writes the secret itself there. */
function secretFile(from: string, path: string, readFile: ReadFile, { problems }: Findings): Found | undefined {
  try {
    const text = withoutEnds(readFile(path, { secret: true }));
    if (text !== '') return { text, from };
    problems.push(`${from}: the file it names is empty`);
  } catch (error) {
    problems.push(`${from}: the file it names cannot be read (${reason(error)})`);
  }
  return undefined;
}

/** What somebody wrote into a file or a pipe, without what editors and shells add: a byte order mark, and the line end. */
export function withoutEnds(text: string): string {
  return text.replace(/^\ufeff|\r?\n$/g, '');
}

/** `ENOENT`, or what else went wrong, in a line that quotes nothing of the file. */
export function reason(error: unknown): string {
  if (error instanceof UnusableFile) return error.message;
  return errorCode(error) ?? 'for a reason of its own';
}

/** Characters; comparing longer ones would take long, and resembles nothing. */
const longestName = 100;

function didYouMean(name: string, known: Iterable<string>): string {
  const near = name.length > longestName ? undefined : closest(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
