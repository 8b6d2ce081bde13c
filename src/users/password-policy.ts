/** Why a password is refused; the console translates these words. */
export type PasswordProblem = 'tooShort' | 'tooLong' | 'common' | 'namesAccount';

export const minPasswordLength = 8;
/** In UTF-16 units, as `String.length` counts: a limit for machines, not for people. */
export const maxPasswordLength = 1024;

/** The same in English, for answers to programs. */
export const passwordProblemText: Record<PasswordProblem, string> = {
  tooShort: `A password has at least ${minPasswordLength} characters.`,
  tooLong: `A password has at most ${maxPasswordLength} characters.`,
  common: 'This password is among the first that are tried.',
  namesAccount: 'Without the account and product names in it, this password is too short.',
};

/** Words around which people build the passwords that are guessed first. */
const commonWords = new Set(
  `password passwort passw pass passphrase secret letmein welcome login admin administrator root user guest test tester testing
  demo default changeme change master manager system server service support access private public company business office
  qwerty qwertz azerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc abc abcd abcdef abcdefgh
  iloveyou loveyou love lovely princess sunshine monkey dragon football baseball basketball soccer hockey superman batman
  starwars pokemon shadow michael jennifer jordan thomas daniel charlie jessica ashley nicole george killer trustno freedom
  whatever hello helloworld world computer internet samsung google apple microsoft windows linux ubuntu debian centos redhat
  docker harbor registry container kubernetes jenkins gitlab github nexus artifactory portainer rancher
  summer winter spring autumn monday friday january february march april june july august september october november december
  flower cookie banana orange purple silver golden diamond cheese coffee pepper ginger hunter ranger tigger matrix phoenix
  mustang ferrari porsche yamaha harley corvette mercedes maverick chelsea arsenal liverpool barcelona
  woaini aini nihao zhongguo beijing shanghai mima`.split(/\s+/),
);

/** Runs of neighbouring keys and characters; a piece of one is no better than the whole. */
const runs = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
];
const reversed = (text: string) => [...text].reverse().join('');

/** Names that say where the password is for. */
const contextWords = ['berth', 'registry', 'docker'];

/** The reason to refuse a password for this account, or undefined. Eight characters are eight in any script; no composition rules. */
export function passwordProblem(password: string, context: { username: string }): PasswordProblem | undefined {
  if (password.length > maxPasswordLength) return 'tooLong';
  if ([...password].length < minPasswordLength) return 'tooShort';
  const lower = password.toLowerCase();
  if (isCommon(lower)) return 'common';

  let rest = lower;
  for (const word of [context.username.toLowerCase(), ...contextWords])
    if (word.length >= 4) rest = rest.replaceAll(word, '');
  return rest.length < minPasswordLength && rest !== lower ? 'namesAccount' : undefined;
}

function isCommon(lower: string): boolean {
  if (new Set(lower).size <= 2) return true;
  if (runs.some((run) => run.includes(lower) || reversed(run).includes(lower))) return true;
  const letters = plainLetters(lower);
  return commonWords.has(letters) || isRepetition(lower);
}

/** "P@ssw0rd2024!" is "password": digits and signs around the word go, look-alikes inside it become letters. */
function plainLetters(lower: string): string {
  const lookalikes: Record<string, string> = {
    '@': 'a',
    '4': 'a',
    '3': 'e',
    '1': 'i',
    '!': 'i',
    '0': 'o',
    $: 's',
    '5': 's',
    '7': 't',
  };
  return lower
    .replace(/^[^a-z@$]+|[^a-z]+$/g, '')
    .replace(/[@431!0$57]/g, (sign) => lookalikes[sign] ?? sign)
    .replace(/[^a-z]/g, '');
}

/** True for "adminadmin" and "abc123abc123". */
function isRepetition(lower: string): boolean {
  for (let size = 1; size <= 6 && size * 2 <= lower.length; size++) {
    if (
      lower ===
      lower
        .slice(0, size)
        .repeat(Math.ceil(lower.length / size))
        .slice(0, lower.length)
    )
      return true;
  }
  return false;
}
