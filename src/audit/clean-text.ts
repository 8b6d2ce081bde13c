/** Control characters, halves of characters, line and paragraph separators, and what turns the direction of text round. */
const unsafe = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line of text that means to a terminal, a log viewer and a spreadsheet what it says, at most `longest` characters long. */
export function cleanText(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replace(unsafe, '�');
}
