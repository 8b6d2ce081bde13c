import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Audit } from '../audit/audit.js';
import type { Config } from '../config/config.js';
import { catalog } from '../errors/catalog.js';
import { Failure, isFailure, withAllow } from '../errors/failure.js';
import { renderProblem } from '../errors/render-problem.js';
import type { Rendered } from '../errors/rendered.js';
import type { Languages } from '../languages/languages.js';
import { resolveLanguage } from '../languages/resolve-language.js';
import type { Log } from '../logging/logger.js';
import { allowedMethods } from './allowed-methods.js';
import { asFailure } from './as-failure.js';
import { originOf } from './change-origin.js';
import type { PageErrors } from './page-errors.js';
import { isBelow } from './paths.js';
import { requestId } from './request-id.js';
import { requestPrincipal } from './session/signed-in.js';

/** A path that is there for other methods is told which, and so is whoever asks for one that is not for now (RFC 9110 §15.5.6). */
function tellMethods(error: unknown, request: Request): unknown {
  if (!isFailure(error)) return error;
  const isUnknown = error.code === 'ROUTE_UNKNOWN';
  if (!isUnknown && catalog[error.code].status !== 405) return error;
  const methods = allowedMethods(request);
  if (!isUnknown)
    return withAllow(
      error,
      methods.filter((method) => method !== request.method),
    );
  if (methods.length === 0 || methods.includes(request.method)) return error;
  return withAllow(new Failure('UNSUPPORTED'), methods);
}

/** Renders every failure in the language of who asked: problem+json, or a page. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  /** @param pages undefined when the console is switched off */
  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly audit: Audit,
    private readonly languages: Languages,
    private readonly pages: PageErrors | undefined,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (request.destroyed && !request.complete) return; // the client went away while we read; nobody is left to answer
    if (response.closed && thrown instanceof Error && thrown.name === 'AbortError') return; // likewise, while we searched
    const error = tellMethods(asFailure(thrown), request);
    if (isFailure(error, 'DENIED') || isFailure(error, 'CSRF_FAILED')) this.#recordDenial(request);
    if (!(error instanceof Failure) || catalog[error.code].status >= 500) this.#logFault(error, request);
    if (response.headersSent) {
      response.destroy(); // half an answer must not look like a whole one
      return;
    }
    if (hasUnreadBody(request)) response.setHeader('Connection', 'close'); // rather than read to its end what nobody wants
    if (this.pages === undefined || programs.some((folder) => isBelow(request.path, folder))) {
      send(response, await this.#problem(error, request));
    } else {
      await this.#renderPage(this.pages, error, request, response);
    }
  }

  /** Nest does not wait for filters, so a page that cannot be rendered has to end here. */
  async #renderPage(pages: PageErrors, error: unknown, request: Request, response: Response): Promise<void> {
    try {
      await pages.render(error, request, response);
    } catch (fault) {
      this.#logFault(fault, request);
      if (response.headersSent) response.destroy();
      else send(response, await this.#problem(fault, request));
    }
  }

  /** Its title is in the language the client asks for; programs, which ask for none, go by the code. */
  async #problem(error: unknown, request: Request): Promise<Rendered> {
    const language = resolveLanguage({ acceptLanguage: request.headers['accept-language'] }, 'en');
    const translate = await this.languages.translator(language);
    return renderProblem(error, { requestId: requestId(request), instance: request.path, translate });
  }

  /** Counted by route and not by path, of which there is no end. */
  #recordDenial(request: Request): void {
    const { path }: { path?: unknown } = request.route ?? {};
    const reference = `${request.method} ${typeof path === 'string' ? path : ''}`;
    this.audit.count('denied', '', originOf(request, requestPrincipal(request), this.config), { reference });
  }

  #logFault(error: unknown, request: Request): void {
    this.log.error({ error, reqId: requestId(request) }, 'request failed');
  }
}

/** Where programs ask and not people. */
const programs = ['/api', '/.well-known'];

function send(response: Response, { status, headers, body }: Rendered): void {
  response.status(status).set(headers).set('Cache-Control', 'no-store').end(body);
}

function hasUnreadBody({ headers, complete }: Request): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);
}
