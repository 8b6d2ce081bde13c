/** A base that nothing can name by accident. */
const base = 'http://berth.invalid';

/**
 * The path and query to go back to, when `text` is one of our own: `/repositories?q=a`. Undefined for everything that a
 * browser could take for another place: other schemes and hosts, `//host`, `/\host`, control characters (T26).
 */
export function safePath(text: unknown): string | undefined {
  if (typeof text !== 'string' || !text.startsWith('/') || !URL.canParse(text, base)) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return undefined;
  const { origin, pathname, search } = new URL(text, base);
  // Resolving `/a/..//host` leaves a path that would name a host itself.
  return origin === base && !pathname.startsWith('//') ? pathname + search : undefined;
}

/** The path with this query; values that are empty or undefined are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}
