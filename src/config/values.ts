import { isIP } from 'node:net';
import { unreadable } from '../text/clean-text.js';
import { cutText } from '../text/cut-text.js';

/** A text does not belong to a grammar; the message says what was expected, as in `expected a port …`. */
export class ValueError extends Error {}

/** Characters of a wrong value that its message shows. */
const longestShown = 100;
/** Characters in which a password is looked for before. */
const longestLookedAt = 1000;

/** A wrong value as a message quotes it: on one line, cut, without the user and password of an address, and nothing of a key. */
export function shown(text: string): string {
  if (text.includes('-----BEGIN')) return 'the text of a key or a certificate';
  const open = cutText(text, longestLookedAt)
    .replace(/\/\/[^/]*@/g, '//…@')
    .replace(/[^\s,@/]*:[^\s,@]*@/g, '…@');
  return JSON.stringify(cutText(open, longestShown)).replace(unreadable, '�');
}

/** The name of something unknown, as far as it looks like one: in `password:hunter2` and `-phunter2`, what comes behind may be secret. */
export function shownName(name: string): string {
  if (/^-[^-]./.test(name)) return `${name.slice(0, 2)}…`;
  const [known = ''] = /^[\w.-]{0,100}/.exec(name) ?? [];
  return known === name ? name : `${known}…`;
}

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['tb', 1000 ** 4],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
  ['tib', 1024 ** 4],
]);

/** `64MiB`, `64 MB`, `1048576` (bytes) → bytes, at least 1. */
export function parseSize(text: string): number {
  const match = /^(\d{1,16}) ?([a-z]{0,3})$/i.exec(text);
  const unit = sizeUnits.get(match?.[2]?.toLowerCase() ?? '');
  const bytes = Number(match?.[1]) * (unit ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw new ValueError('expected a size such as 64MiB, 500MB or a number of bytes');
}

const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const longestDuration = 3650 * 86_400_000;

/** `15m`, `1h30m`, `250ms`, `30d`, `60` (seconds) → milliseconds, more than none and at most ten years. */
export function parseDuration(text: string): number {
  const parts = /^\d{1,12}$/.test(text) ? [[text, text, 's']] : [...text.matchAll(/(\d{1,12})(ms|s|m|h|d)/g)];
  const complete = parts.length > 0 && parts.map(([whole]) => whole).join('') === text;
  const total = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (durationUnits.get(unit) ?? 0), 0);
  if (complete && total >= 1 && total <= longestDuration) return total;
  throw new ValueError('expected a time such as 30s, 15m, 12h or 30d');
}

/** A duration of whole seconds within the bounds. */
export function parseSeconds(least: number, most: number): (text: string) => number {
  return (text) => {
    const seconds = parseDuration(text) / 1000;
    if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds;
    throw new ValueError(`expected ${least} to ${most} seconds`);
  };
}

export function parseCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (count >= least && count <= most) return count;
    throw new ValueError(`expected a number from ${least} to ${most}`);
  };
}

export function parseFlag(text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  throw new ValueError('expected true or false');
}

export function parseChoice<const T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const chosen = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    if (chosen !== undefined) return chosen;
    throw new ValueError(`expected one of ${choices.join(', ')}`);
  };
}

/** Reads one word, `off` or `unlimited` for instance, as undefined and everything else as given. */
export function unless<T>(word: string, parse: (text: string) => T): (text: string) => T | undefined {
  return (text) => (text.toLowerCase() === word ? undefined : parse(text));
}

export function parseText(pattern: RegExp, expected: string): (text: string) => string {
  return (text) => {
    if (pattern.test(text)) return text;
    throw new ValueError(`expected ${expected}`);
  };
}

/** `https://registry.example.com:5000` → URL. Clients find `/v2/` only at the root of a host, so there is no path. */
export function parseOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.hostname !== '' && `${url.origin}/` === url.href;
  if (url && isOrigin && !/[\s\\]/.test(text)) return url;
  throw new ValueError('expected an address such as https://registry.example.com, without a path');
}

/** `https://ui.example.com, http://10.0.0.5:3000` → origins as browsers send them. `*` stands alone. */
export function parseOrigins(text: string): readonly string[] {
  if (text === '*') return [text];
  return itemsOf(text).map((item) => {
    if (item.includes('*')) throw new ValueError('expected whole origins, or * alone');
    return parseOrigin(item).origin;
  });
}

/** A list of words in which everything is as `pattern` says. */
export function parseWords(pattern: RegExp, expected: string): (text: string) => readonly string[] {
  return (text) =>
    itemsOf(text).map((item) => {
      if (pattern.test(item)) return item;
      throw new ValueError(`expected ${expected}`);
    });
}

function itemsOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

const networks: ReadonlyMap<string, readonly string[]> = new Map([
  ['none', []],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10']],
]);

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  return (
    isIP(address) > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}

/** `loopback, 10.1.0.0/16, ::1` → addresses and CIDR blocks, with the words written out. */
export function parseNetworks(text: string): readonly string[] {
  return itemsOf(text).flatMap((part) => {
    const known = networks.get(part.toLowerCase()) ?? (isNetwork(part) ? [part] : undefined);
    if (known) return known;
    throw new ValueError('expected none, or a list of loopback, private, addresses and blocks such as 10.1.0.0/16');
  });
}

export function parseTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new ValueError('expected a time zone such as Asia/Shanghai or UTC');
  }
}

/** Values that tutorials and templates print; whoever kept one shares the key with the world. */
const knownKeys =
  /change.?(me|this|it)|your.?(256.?bit|super|secret|key)|super.?secret|secret.?key|insecure|example|default|09d25e094faa6ca2556c8181/i;

/** At least 32 bytes that nobody else has. */
export function parseSecretKey(text: string): string {
  const advice = 'for instance the output of "openssl rand -base64 32"';
  if (Buffer.byteLength(text) < 32) throw new ValueError(`expected at least 32 bytes, ${advice}`);
  if (knownKeys.test(text) || new Set(text).size < 8)
    throw new ValueError(`expected a value nobody can guess, ${advice}`);
  return text;
}
