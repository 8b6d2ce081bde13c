import type { Request, Response } from 'express';

const cookie = 'flash';
const keyGrammar = /^[a-zA-Z]{1,40}$/;

/** What came of the last action, told once on the next page. */
export interface Flash {
  readonly tone: 'ok' | 'bad';
  /** Below `flash.` in the catalogue. */
  readonly key: string;
  readonly values?: Readonly<Record<string, string>>;
}

/**
 * Leaves a message for the next page in a cookie. Not for secrets. Whoever can plant a cookie can choose among our own
 * sentences and fill their gaps; what is shown is escaped.
 */
export function leaveFlash(response: Response, flash: Flash): void {
  const text = Buffer.from(JSON.stringify(flash)).toString('base64url');
  response.cookie(cookie, text, { httpOnly: true, sameSite: 'lax', path: '/', maxAge: 60_000 });
}

/** The message, which is gone with this answer. */
export function takeFlash(request: Request, response: Response): Flash | undefined {
  const text: unknown = request.cookies?.[cookie];
  if (typeof text !== 'string' || text === '') return undefined;
  response.clearCookie(cookie, { path: '/' });
  return parse(text);
}

function parse(text: string): Flash | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined; // not one of ours
  }
  if (typeof value !== 'object' || value === null || !('key' in value) || !('tone' in value)) return undefined;
  const { key, tone } = value;
  if (typeof key !== 'string' || !keyGrammar.test(key) || (tone !== 'ok' && tone !== 'bad')) return undefined;
  return { key, tone, values: 'values' in value ? texts(value.values) : {} };
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry) => typeof entry[1] === 'string'));
}
