import { cutText } from '../text/cut-text.js';
import type { Platform } from './descriptor.js';
import { type Entry, JsonText, type Most, type Place } from './json-text.js';

/**
 * What an image's config says about running it (image-spec "config"). It was written by anybody, so every part may be missing, every
 * list is its beginning, and every text ends at 4,096 characters, the last of them `…` when there was more.
 */
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
  /** How long the lists are in the config. */
  readonly counts: ConfigCounts;
}

export type ConfigCounts = Readonly<
  Record<'entrypoint' | 'cmd' | 'env' | 'ports' | 'volumes' | 'labels' | 'history', number>
>;

/** Longest text, and how much there is of each list: far more than images have, and together less than half a megabyte of JSON. */
const longestText = 4096;
const words: Most = { count: 200, bytes: 16 * 1024 };
const notes: Most = { count: 200, bytes: 64 * 1024 };
const steps: Most = { count: 200, bytes: 96 * 1024 };

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
  const json = new JsonText(bytes);
  const root = json.root();
  if (root === undefined) return undefined;
  const document = json.pick(root, 'os', 'architecture', 'variant', 'created', 'author', 'config', 'history');
  const run = json.pick(
    json.object(document.config),
    ...(['Entrypoint', 'Cmd', 'Env', 'User', 'WorkingDir', 'ExposedPorts', 'Volumes', 'Labels'] as const),
  );
  const lists = {
    entrypoint: json.list(run.Entrypoint),
    cmd: json.list(run.Cmd),
    env: json.list(run.Env),
    ports: json.object(run.ExposedPorts),
    volumes: json.object(run.Volumes),
    labels: json.object(run.Labels),
    history: json.list(document.history),
  };
  const value = (entry: Entry) => json.text(entry.value, longestText);
  const key = (entry: Entry) => json.text(entry.key, longestText);
  return {
    platform: platformOf(json, document),
    created: time(json, document.created),
    author: text(json, document.author),
    entrypoint: json.take(lists.entrypoint, words, value),
    cmd: json.take(lists.cmd, words, value),
    env: json.take(lists.env, notes, value).map(parseVariable),
    user: text(json, run.User),
    workingDir: text(json, run.WorkingDir),
    ports: json.take(lists.ports, words, key),
    volumes: json.take(lists.volumes, words, key),
    labels: json.texts(lists.labels, notes, longestText),
    history: json.take(lists.history, steps, ({ value: step }) => parseStep(json, step)),
    counts: {
      entrypoint: countOf(lists.entrypoint),
      cmd: countOf(lists.cmd),
      env: countOf(lists.env),
      ports: countOf(lists.ports),
      volumes: countOf(lists.volumes),
      labels: countOf(lists.labels),
      history: countOf(lists.history),
    },
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

function parseStep(json: JsonText, step: Place): HistoryStep | undefined {
  if (json.object(step) === undefined) return undefined;
  const { created_by, comment, created, empty_layer } = json.pick(
    step,
    ...(['created_by', 'comment', 'created', 'empty_layer'] as const),
  );
  // What builders put before the instruction may be long itself.
  const recorded = json.text(created_by, 2 * longestText) || json.text(comment, longestText);
  return {
    command: cutText(formatCommand(recorded ?? ''), longestText),
    created: time(json, created),
    empty: json.isTrue(empty_layer),
  };
}

function parseVariable(assignment: string): EnvironmentVariable {
  const equals = assignment.indexOf('=');
  if (equals === -1) return { name: assignment, value: '' };
  return { name: assignment.slice(0, equals), value: assignment.slice(equals + 1) };
}

type PlatformPlaces = Partial<Record<'os' | 'architecture' | 'variant', Place>>;

function platformOf(json: JsonText, places: PlatformPlaces): Platform | undefined {
  const os = text(json, places.os);
  const architecture = text(json, places.architecture);
  if (!os || !architecture) return undefined;
  const variant = text(json, places.variant);
  return { os, architecture, ...(variant && { variant }) };
}

const countOf = (place: Place | undefined): number => place?.count ?? 0;

function text(json: JsonText, place: Place | undefined): string | undefined {
  return json.text(place, longestText) || undefined;
}

function time(json: JsonText, place: Place | undefined): Date | undefined {
  const date = new Date(text(json, place) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
