import { cutText } from './cut-text.js';

/**
 * Characters that do something instead of being read: control characters, those that are invisible or turn the direction of text
 * round (Unicode's "format"), halves of characters, line and paragraph separators.
 */
export const unreadable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line of text that means to a terminal, a log viewer and a spreadsheet what it says, at most `longest` characters long: what is cut off ends in an ellipsis. */
export function cleanText(text: string, longest: number): string {
  return cutText(text, longest).replace(unreadable, '�');
}
