import { randomInt } from 'node:crypto';

/** No characters that look alike or that a shell treats specially. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const length = 24;

/** 24 characters, some 139 bits. */
export function randomPassword(): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
