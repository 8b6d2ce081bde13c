import { unreadable } from '../text/clean-text.js';

const unreadableRuns = new RegExp(`${unreadable.source}+`, 'gu');

/** Characters that take two columns of a terminal: Hangul, CJK and its punctuation, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** Characters that take none: they combine with the one before. */
const narrow = /\p{Mn}|\p{Me}|[\u200b-\u200f]/u;

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += narrow.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** The text on one line and without what a terminal would obey: others wrote it. */
export function plainText(text: string): string {
  return text.replace(unreadableRuns, ' ');
}

/** The same, keeping its lines and tabs, or what else `kept` has. */
export function plainLines(text: string, kept = '\n\t'): string {
  return text.replace(unreadable, (character) => (kept.includes(character) ? character : '�'));
}

/** Writes what is left of them in a document, which are inside its strings, as JSON and YAML (in double quotes) escape them. */
export function escaped(document: string): string {
  return document.replace(unreadable, (character) =>
    character === '\n' ? character : character.split('').map(unitEscape).join(''),
  );
}

function unitEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
