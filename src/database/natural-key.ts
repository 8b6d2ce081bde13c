/** Digits of a number in a key; longer numbers sort as text. */
const digits = 20;

/** Sorts like the text, but numbers in it by their value: v1.2, v1.9, v1.10. */
export function naturalKey(text: string): string {
  return text.replace(/\d+/g, (number) => number.padStart(digits, '0'));
}
