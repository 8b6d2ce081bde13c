/** At most so many UTF-16 units; where something was cut, `…` is the last of them. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  // Half of a pair is no character.
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
