import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The shape of every secret we make: `berth_pat_`, 30 random characters (178 bits), 6 of a checksum over all before them.
 * The prefix lets scanners of leaked secrets find them, the checksum tells a mistyped one without asking the database.
 */
const prefixes = { token: 'berth_pat_', robot: 'berth_rob_', refresh: 'berth_ref_' } as const;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomLength = 30;
const checksumLength = 6;
const hintLength = 4;

/** What a secret is for. */
export type SecretKind = keyof typeof prefixes;

const kinds = Object.keys(prefixes) as SecretKind[]; // the keys of the table above and no others
const shape = /^berth_[a-z]{3}_[0-9A-Za-z]{36}$/;

/** A new secret, and what is kept of it. */
export interface MadeSecret {
  readonly secret: string;
  /** SHA-256 in hex. The secret is random, so nothing slower protects it better. */
  readonly hash: string;
  /** Its last characters, by which people tell one from another. */
  readonly hint: string;
}

export function makeSecret(kind: SecretKind): MadeSecret {
  const random = Array.from({ length: randomLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  const body = `${prefixes[kind]}${random}`;
  const secret = `${body}${checksum(body)}`;
  return { secret, hash: hashSecret(secret), hint: secret.slice(-hintLength) };
}

/** Which kind of secret this is by its shape and checksum; undefined for everything else, such as a password. */
export function secretKind(text: string): SecretKind | undefined {
  if (!shape.test(text)) return undefined;
  const body = text.slice(0, -checksumLength);
  return body + checksum(body) === text ? kinds.find((kind) => text.startsWith(prefixes[kind])) : undefined;
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** CRC-32 in base 62. */
function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let i = 0; i < checksumLength; i++) {
    digits = alphabet.charAt(rest % alphabet.length) + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
