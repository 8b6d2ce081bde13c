import { isJsonObject, type JsonObject, type Platform } from './descriptor.js';

/** What an image's config says about running it (image-spec "config"). It was written by anybody, so every part may be missing. */
export interface ImageConfig {
  readonly platform?: Platform;
  readonly created?: Date;
  readonly author?: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  readonly user?: string;
  readonly workingDir?: string;
  /** `8080/tcp` */
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly history: readonly HistoryStep[];
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

export interface HistoryStep {
  /** The instruction, without the shell around it. */
  readonly command: string;
  readonly created?: Date;
  /** True for a step that added no layer. */
  readonly empty: boolean;
}

/** Undefined when the bytes are no JSON object; parts that are not what they should be are left out. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig | undefined {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (!isJsonObject(document)) return undefined;
  const config = isJsonObject(document.config) ? document.config : {};
  return {
    platform: platformOf(document),
    created: time(document.created),
    author: text(document.author),
    entrypoint: texts(config.Entrypoint),
    cmd: texts(config.Cmd),
    env: texts(config.Env).map(parseVariable),
    user: text(config.User),
    workingDir: text(config.WorkingDir),
    ports: keys(config.ExposedPorts),
    volumes: keys(config.Volumes),
    labels: labelsOf(config.Labels),
    history: list(document.history).filter(isJsonObject).map(parseStep),
  };
}

const buildkitMark = '# buildkit';

/** `RUN apt-get update` out of what builders record: `/bin/sh -c #(nop) ` before metadata, `|1 ARG=x` before arguments, `# buildkit` behind. */
export function formatCommand(createdBy: string): string {
  const recorded = createdBy.trim();
  const command = recorded.endsWith(buildkitMark) ? recorded.slice(0, -buildkitMark.length).trimEnd() : recorded;
  const plain = command.replace(/^(RUN )?\|\d+ .*?(?=\/bin\/sh -c)/s, '$1');
  const metadata = /^\/bin\/sh -c #\(nop\)\s*(.*)$/s.exec(plain);
  if (metadata) return metadata[1] ?? '';
  return plain.replace(/^(?:RUN )?\/bin\/sh -c\s+/, 'RUN ');
}

function parseStep(step: JsonObject): HistoryStep {
  return {
    command: formatCommand(text(step.created_by) ?? text(step.comment) ?? ''),
    created: time(step.created),
    empty: step.empty_layer === true,
  };
}

function parseVariable(assignment: string): EnvironmentVariable {
  const equals = assignment.indexOf('=');
  if (equals === -1) return { name: assignment, value: '' };
  return { name: assignment.slice(0, equals), value: assignment.slice(equals + 1) };
}

function platformOf(document: JsonObject): Platform | undefined {
  const os = text(document.os);
  const architecture = text(document.architecture);
  if (!os || !architecture) return undefined;
  const variant = text(document.variant);
  return { os, architecture, ...(variant && { variant }) };
}

function labelsOf(value: unknown): Record<string, string> {
  if (!isJsonObject(value)) return {};
  const labels = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(labels);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function time(value: unknown): Date | undefined {
  const date = new Date(text(value) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((entry) => typeof entry === 'string');
}

function keys(value: unknown): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
