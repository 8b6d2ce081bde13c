import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { renderTokenError } from '../../auth/realm/render-token-error.js';
import type { Config } from '../../config/config.js';
import { catalog } from '../../errors/catalog.js';
import { Failure } from '../../errors/failure.js';
import { renderProblem } from '../../errors/render-problem.js';
import type { Rendered } from '../../errors/rendered.js';
import type { Log } from '../../logging/logger.js';
import { requestId } from '../../logging/request-id.js';
import { asFailure } from './as-failure.js';
import type { PageErrors } from './page-errors.js';

const titles: ReadonlyMap<string, string> = new Map(Object.values(catalog).map(({ key, message }) => [key, message]));

/** Renders every failure in the language of who asked: the realm's JSON, problem+json, or a page. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  /** @param pages undefined when the console is switched off */
  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly pages: PageErrors | undefined,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (request.destroyed && !request.complete) return; // the client went away while we read; nobody is left to answer
    const error = asFailure(thrown);
    const reqId = requestId(request);
    if (!(error instanceof Failure)) this.log.error({ error, reqId }, 'request failed');
    if (response.headersSent) {
      response.destroy(); // half an answer must not look like a whole one
      return;
    }
    if (hasUnreadBody(request)) response.setHeader('Connection', 'close'); // rather than read to its end what nobody wants
    if (isBelow(request.path, '/token')) {
      send(response, renderTokenError(error, reqId, this.config.token.service));
    } else if (this.pages === undefined || isBelow(request.path, '/api') || isBelow(request.path, '/.well-known')) {
      send(response, renderProblem(error, { requestId: reqId, instance: request.path, translate: englishTitle }));
    } else {
      await this.pages.render(error, request, response);
    }
  }
}

/** Programs read the code; the title is for their developers. */
function englishTitle(key: string): string {
  return titles.get(key) ?? key;
}

function send(response: Response, { status, headers, body }: Rendered): void {
  response.status(status).set(headers).set('Cache-Control', 'no-store').end(body);
}

function hasUnreadBody({ headers, complete }: Request): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);
}

/** Whatever the case of the letters: Express routes so. */
function isBelow(path: string, folder: string): boolean {
  return `${path.toLowerCase()}/`.startsWith(`${folder}/`);
}
