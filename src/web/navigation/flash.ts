import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { clock } from '../../async/clock.js';

const cookie = 'flash';
const lifeMs = 60_000;

/** What came of the last action, told once on the next page. */
export interface Flash {
  readonly tone: 'ok' | 'bad';
  /** Below `flash.` in the catalogue. */
  readonly key: string;
  readonly values?: Readonly<Record<string, string>>;
}

interface Left {
  readonly flash: Flash;
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * Messages for the next page, left in a cookie. Not for secrets. Each is signed for the account it was left for, or for nobody, so
 * whoever can plant a cookie in a browser can choose neither a sentence nor what fills its gaps, not even one they were told themselves.
 */
export class Flashes {
  /** @param key known to nobody else */
  constructor(private readonly key: Buffer) {}

  leave(response: Response, flash: Flash): void {
    const left: Left = { flash, until: clock.wall() + lifeMs };
    const text = Buffer.from(JSON.stringify(left)).toString('base64url');
    const value = `${text}.${this.#sign(text, response.req)}`;
    response.cookie(cookie, value, { httpOnly: true, sameSite: 'lax', path: '/', maxAge: lifeMs });
  }

  /** The message, which is gone with this answer. */
  take(request: Request, response: Response): Flash | undefined {
    const value: unknown = request.cookies?.[cookie];
    if (typeof value !== 'string' || value === '') return undefined;
    response.clearCookie(cookie, { path: '/' });
    const [text = '', signature = ''] = value.split('.');
    if (!isSame(signature, this.#sign(text, request))) return undefined;
    const { flash, until } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Left; // ours, by its signature
    return clock.wall() <= until ? flash : undefined;
  }

  #sign(text: string, { user }: Pick<Request, 'user'>): string {
    return createHmac('sha256', this.key)
      .update(`${user?.principal.id ?? ''}.${text}`)
      .digest('base64url');
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
