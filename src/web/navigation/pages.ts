import type { Request, Response } from 'express';
import { clock } from '../../async/clock.js';
import type { Config, Language } from '../../config/config.js';
import { programVersion } from '../../config/project-root.js';
import { acceptsGzip, gzipped } from '../../http/gzip.js';
import { requestId } from '../../http/request-id.js';
import { requestHost } from '../../http/request-origin.js';
import type { Csrf } from '../../http/session/csrf.js';
import type { Languages } from '../../languages/languages.js';
import { matchLanguage, resolveLanguage } from '../../languages/resolve-language.js';
import { Locale } from '../rendering/locale.js';
import type { Views } from '../rendering/views.js';
import type { Flash, Flashes } from './flash.js';
import { safePath } from './safe-path.js';
import { presentShell, themeOf } from './shell.js';

const yearMs = 365 * 86_400_000;

/** Preferences of a browser: kept for a year, readable by our script, worth nothing to anybody else. */
export function rememberPreference(response: Response, name: 'lang' | 'theme' | 'client', value: string): void {
  response.cookie(name, value, { sameSite: 'lax', path: '/', maxAge: yearMs });
}

/** Answers requests with pages, in the language and theme of whoever asks. */
export class Pages {
  readonly #locales = new Map<Language, Locale>();

  constructor(
    private readonly config: Config,
    private readonly languages: Languages,
    private readonly views: Views,
    private readonly csrf: Csrf,
    private readonly flashes: Flashes,
  ) {}

  /** `?lang=` → cookie → Accept-Language → configured default. */
  async locale(request: Request): Promise<Locale> {
    const language = resolveLanguage(
      { query: request.query.lang, cookie: request.cookies?.lang, acceptLanguage: request.headers['accept-language'] },
      this.config.console.defaultLanguage,
    );
    let locale = this.#locales.get(language);
    if (locale === undefined) {
      locale = new Locale(language, await this.languages.translator(language), this.config.console.timeZone);
      this.#locales.set(language, locale);
    }
    return locale;
  }

  /** @param model every field the view prints */
  async show(request: Request, response: Response, view: string, model: object, status = 200): Promise<void> {
    const locale = await this.locale(request);
    if (matchLanguage(request.query.lang)) rememberPreference(response, 'lang', locale.language);
    const shell = presentShell({
      config: this.config,
      locale,
      version: programVersion(),
      user: request.user?.user,
      csrf: this.csrf.token(request),
      flash: this.flashes.take(request, response),
      theme: themeOf(request.cookies?.theme),
      path: pathOf(request),
      host: requestHost(request, this.config),
      requestId: requestId(request),
    });
    const html = await this.views.render(view, model, { locale, now: clock.wall(), shell });
    response.status(status).set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': locale.language,
      'Cache-Control': 'no-store',
      Vary: 'Accept-Encoding, Accept-Language, Cookie',
    });
    if (acceptsGzip(request)) response.set('Content-Encoding', 'gzip').end(await gzipped(html, 6));
    else response.end(html);
  }

  /** After a form has done something: to the page that shows it. */
  redirect(response: Response, path: string, flash?: Flash): void {
    if (flash) this.flashes.leave(response, flash);
    response.set('Cache-Control', 'no-store').redirect(303, path);
  }
}

/** Where a link on the page can lead back to: what was posted cannot be asked for again. */
function pathOf(request: Request): string {
  const asked = request.method === 'GET' ? safePath(request.originalUrl) : undefined;
  return asked ?? safePath(request.path) ?? '/';
}
