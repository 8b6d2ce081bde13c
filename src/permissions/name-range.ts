import { type Pattern, patternPrefix } from '../access/pattern.js';

/** Names from `from` on and before `to`, in byte order. */
export interface NameRange {
  readonly from: string;
  readonly to: string;
}

/** Every name: `~` is behind whatever a name is made of. */
export const allNames: NameRange = { from: '', to: '~' };

/** The names that a pattern covers: `0` follows the slash in the order of bytes. */
export function namesOf(pattern: Pattern): NameRange {
  const prefix = patternPrefix(pattern);
  if (prefix === undefined) return { from: pattern, to: following(pattern) };
  return prefix === '' ? allNames : { from: prefix, to: `${prefix.slice(0, -1)}0` };
}

/** The first text behind a name: a space is before whatever a name is made of. */
export function following(name: string): string {
  return `${name} `;
}

/** What any of the patterns covers, in order and nothing twice. Of two patterns, one includes the other or they share no name. */
export function namesOfAny(patterns: readonly Pattern[]): NameRange[] {
  const ranges: NameRange[] = [];
  const byStart = patterns.map(namesOf).sort((a, b) => (a.from < b.from ? -1 : 1));
  for (const range of byStart) {
    const last = ranges.at(-1);
    if (last === undefined || range.from >= last.to) ranges.push(range);
  }
  return ranges;
}

/** What is in both; undefined for nothing. */
export function namesInBoth(a: NameRange, b: NameRange): NameRange | undefined {
  let { from, to } = a;
  if (b.from > from) from = b.from;
  if (b.to < to) to = b.to;
  return from < to ? { from, to } : undefined;
}
