import { isCommonPassword } from './passwords/common-passwords.js';

/** Why a password is refused; the console translates these words. */
export type PasswordProblem = 'tooShort' | 'tooLong' | 'garbled' | 'common' | 'namesAccount';

export const minPasswordLength = 8;
/** In UTF-16 units, as `String.length` counts: a limit for machines, not for people. */
export const maxPasswordLength = 1024;

/** The same in English, for answers to programs. */
export const passwordProblemText: Record<PasswordProblem, string> = {
  tooShort: `A password has at least ${minPasswordLength} characters.`,
  tooLong: `A password has at most ${maxPasswordLength} characters.`,
  garbled: 'Characters of this password were lost on the way here: send it in UTF-8.',
  common: 'This password is among the first that are tried.',
  namesAccount: 'Without the account and product names in it, this password is too short.',
};

/** What decoding puts in the place of bytes that are not UTF-8, and halves of characters: hashed, very different passwords would be one. */
const lost = /[\ufffd\p{Cs}]/u;

/** Names that say where the password is for. */
const contextWords = ['berth', 'registry', 'docker'];

/** The reason to refuse a password for this account, or undefined. Eight characters are eight in any script; no composition rules. */
export function passwordProblem(password: string, context: { username: string }): PasswordProblem | undefined {
  if (password.length > maxPasswordLength) return 'tooLong';
  if ([...password].length < minPasswordLength) return 'tooShort';
  if (lost.test(password)) return 'garbled';
  if (isCommonPassword(password)) return 'common';

  const lower = password.toLowerCase();
  let rest = lower;
  for (const word of [context.username.toLowerCase(), ...contextWords])
    if (word.length >= 4) rest = rest.replaceAll(word, '');
  return rest.length < minPasswordLength && rest !== lower ? 'namesAccount' : undefined;
}
