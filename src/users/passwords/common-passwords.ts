import { commonWords } from './common-words.js';

/** Runs of neighbouring keys and characters; a piece of one is no better than the whole. */
const runs = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qwertzuiopasdfghjklyxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1qazxsw23edcvfr45tgbnhy6',
  'qazwsxedcrfvtgbyhnujm',
  'qweasdzxcvfrtgb',
  '1q2w3e4r5t6y7u8i9o0p',
  '1a2b3c4d5e6f7g8h9i',
  '1a2s3d4f5g6h7j8k9l',
  '!@#$%^&*()',
];
const pieces = runs.flatMap((run) => [run, reversed(run), swappedPairs(run)]);
/** Shortest piece of a run that is seen as one among others. */
const minPiece = 3;
/** Digits, perhaps with a letter, are guessed whole up to here: dates, telephone numbers, patterns on a keypad. */
const maxDigits = 11;
/** Longer walks over the keyboard are not among the first. */
const maxWalk = 32;
/** Words that make no difference before another one. */
const preludes = /^(?:my|the|our|your|iam|im|i|new|old|no|top|big|super|mega|hello|ilove|love)(?=.)/;

/** Whether a password is one of those tried first: a common word with trimmings, a walk over the keyboard, something repeated. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase();
  if (new Set(lower).size <= 2) return true;
  if (/^[a-z]?\d+[a-z]?$/.test(lower) && lower.length <= maxDigits) return true;
  return isRepetition(lower) || isWalk(lower) || isWord(plainLetters(lower));
}

function isWord(letters: string): boolean {
  const forms = [letters, letters.replace(preludes, '')].flatMap((form) => [form, form.replace(/s$/, '')]);
  return forms.some((form) => commonWords.has(form));
}

/** True when pieces of runs, or of one character, are all there is but for a letter or two: "123qweasd", "aa123456", "112233445566". */
function isWalk(lower: string): boolean {
  if (lower.length > maxWalk || !/^[!-~]+$/.test(lower)) return false;
  const collapsed = lower.replace(/(.)\1/g, '$1');
  return [lower, collapsed].some((text) => text.length >= minPiece && leftOver(text) <= 2);
}

/** How many characters belong to no piece, taking the longest piece there is at each place. */
function leftOver(text: string): number {
  let left = 0;
  for (let from = 0; from < text.length; ) {
    const length = pieceAt(text, from);
    if (length === 0) left++;
    from += Math.max(length, 1);
  }
  return left;
}

function pieceAt(text: string, from: number): number {
  let length = /^(.)\1*/.exec(text.slice(from))?.[0].length ?? 0;
  while (from + length < text.length && pieces.some((run) => run.includes(text.slice(from, from + length + 1))))
    length++;
  return length >= minPiece ? length : 0;
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
    const whole = lower.slice(0, size).repeat(Math.ceil(lower.length / size));
    if (lower === whole.slice(0, lower.length)) return true;
  }
  return false;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

/** "q1w2e3" of "1q2w3e". */
function swappedPairs(text: string): string {
  return text.replace(/(.)(.)/g, '$2$1');
}
