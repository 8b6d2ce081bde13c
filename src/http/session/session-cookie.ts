import type { CookieOptions, Request, Response } from 'express';
import type { Config } from '../../config/config.js';
import { requestScheme } from '../request-origin.js';

/**
 * The session cookie (H3). Over HTTPS it carries the `__Host-` prefix and `Secure`; browsers drop such a cookie on plain
 * HTTP, so there it has neither. The scheme of the request decides; there is no setting to get wrong.
 */
export function readSessionCookie(request: Request, config: Config): string | undefined {
  const value: unknown = request.cookies?.[cookieName(request, config)];
  return typeof value === 'string' ? value : undefined;
}

/** @param lifeMs undefined for a cookie that ends with the browser's session */
export function writeSessionCookie(
  request: Request,
  response: Response,
  config: Config,
  token: string,
  lifeMs: number | undefined,
): void {
  response.cookie(cookieName(request, config), token, { ...cookieOptions(request, config), maxAge: lifeMs });
}

export function clearSessionCookie(request: Request, response: Response, config: Config): void {
  response.clearCookie(cookieName(request, config), cookieOptions(request, config));
}

function cookieName(request: Request, config: Config): string {
  return requestScheme(request, config) === 'https' ? '__Host-berth' : 'berth';
}

function cookieOptions(request: Request, config: Config): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: requestScheme(request, config) === 'https' };
}
