import type { Request, Response } from 'express';
import { catalog } from '../errors/catalog.js';
import { type Failure, toFailure } from '../errors/failure.js';
import { PageErrors } from '../http/page-errors.js';
import { sessionOf } from '../http/session/session-of.js';
import type { Pages } from './navigation/pages.js';
import { safePath, withQuery } from './navigation/safe-path.js';

/** Failures as pages; who has to sign in or change the password first is led there. */
export class ConsoleErrors extends PageErrors {
  constructor(private readonly pages: Pages) {
    super();
  }

  override async render(error: unknown, request: Request, response: Response): Promise<void> {
    const failure = toFailure(error);
    if (failure.code === 'UNAUTHORIZED') return this.#lead(request, response, '/sign-in');
    if (failure.code === 'PASSWORD_CHANGE_REQUIRED') return this.#lead(request, response, '/password');
    request.user ??= await sessionOf(request, response).catch(() => undefined); // a page that is wrong is shown all the same
    response.set(failure.headers);
    const model = await this.#present(failure, request);
    await this.pages.show(request, response, 'errors/show', model, catalog[failure.code].status);
  }

  #lead(request: Request, response: Response, path: string): void {
    const next = request.method === 'GET' && request.path !== '/' ? safePath(request.originalUrl) : undefined;
    const target = withQuery(path, { next });
    if (request.headers['hx-request'] === undefined) this.pages.redirect(response, target);
    // A script swaps what it gets into the page, so it is told to leave the page instead.
    else response.status(401).set({ 'HX-Redirect': path, 'Cache-Control': 'no-store' }).end();
  }

  async #present({ code, message }: Failure, request: Request): Promise<object> {
    const { t } = await this.pages.locale(request);
    const { status, key, message: ordinary } = catalog[code];
    if (status === 404) {
      const path = decoded(request.path);
      const repository = /^\/r\/(.+?)\/-\//.exec(path)?.[1];
      return {
        title: t('errorPage.title.notFound'),
        heading: t('errorPage.notFound'),
        text: t('errorPage.notFoundText', { what: repository ?? path }),
        reason: undefined,
        search: request.user && { q: repository ?? '' },
      };
    }
    const heading = status >= 500 ? 'errorPage.broken' : status === 403 ? 'errorPage.denied' : 'errorPage.badRequest';
    const text = status >= 500 ? 'errorPage.brokenText' : code === 'DENIED' ? 'errorPage.deniedText' : key;
    const reason = status < 500 && message !== ordinary ? message : undefined;
    return { title: t(heading), heading: t(heading), text: t(text), reason, search: undefined };
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not an encoding: shown as it came
  }
}
