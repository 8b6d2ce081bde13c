const longest = 2048;
const deepest = 4;
const most = 50;
const secretName = /authorization|cookie|passw|secret|token|credential|api.?key|private.?key/i;

/** `Bearer x`, `Basic x`, a JWT or a secret of ours anywhere, `user:password@` in an address. */
const secretText =
  /\b(Bearer|Basic) [\w.~+/=-]+|\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?|\bberth_[a-z]{3}_\w+|(?<=:\/\/)[^\s/@]+@/gi;

/** What JSON leaves as it is and a terminal obeys, or nobody sees: C1 controls, format characters, line and paragraph separators. */
const obeyed = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

/**
 * A copy fit for the log: secrets are replaced by name (`password`, `authorization`, …) and by look (credentials inside
 * text), text is cut at 2 KB, depth and width are bounded, errors keep their stack and cause.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date || value instanceof URL) return redactText(value.toJSON() ?? '');
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= deepest) return '[…]';
  if (Array.isArray(value)) return value.slice(0, most).map((item) => redact(item, depth + 1));
  if (isError(value)) return redactError(value, depth);
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value).slice(0, most)) copy[name] = redactField(name, field, depth);
  return copy;
}

/** As {@link redact} for the fields of one log line. */
export function redactFields(fields: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) copy[name] = redactField(name, field, 0);
  return copy;
}

/** Numbers and flags under such a name are counts and settings (`tokens: 3`), not secrets. */
function redactField(name: string, field: unknown, depth: number): unknown {
  const mayHide = typeof field === 'string' || (typeof field === 'object' && field !== null);
  return mayHide && secretName.test(name) ? '[redacted]' : redact(field, depth + 1);
}

function redactText(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
  return cut.replace(secretText, '[redacted]').replace(obeyed, asCodePoint);
}

/** `\u{9b}` */
export function asCodePoint(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

/** Errors of another realm (a worker, a test runner) count too. */
function isError(value: object): value is Error {
  return value instanceof Error || ('stack' in value && 'message' in value && typeof value.stack === 'string');
}

function redactError(error: Error, depth: number): unknown {
  const fields = Object.entries(error).filter(([name]) => name !== 'cause');
  return {
    ...Object.fromEntries(fields.map(([name, field]) => [name, redactField(name, field, depth)])),
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
