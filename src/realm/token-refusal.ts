import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { anonymous } from '../access/principal.js';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { isFailure } from '../errors/failure.js';
import { originOf } from '../http/change-origin.js';
import { finish } from '../http/finish.js';
import { requestId } from '../http/request-id.js';
import { securityHeaders } from '../http/security-headers.js';
import { Log } from '../logging/logger.js';
import { renderTokenError } from './render-token-error.js';

/** Tells a client of the realm what went wrong. */
@Injectable()
export class TokenRefusal {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
    private readonly audit: Audit,
  ) {}

  send(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (request.destroyed && !request.complete) return; // the client went away while we read; nobody is left to answer
    const id = requestId(request);
    const { status, headers, body } = renderTokenError(error, id, this.config.token.service);
    if (status >= 500) this.log.error({ error, reqId: id }, 'request failed');
    if (isFailure(error, 'CSRF_FAILED')) this.#recordDenial(request);
    if (response.headersSent) {
      response.destroy(); // half an answer must not look like a whole one
      return;
    }
    const all = { 'X-Request-Id': id, ...headers, 'Content-Length': String(Buffer.byteLength(body)) };
    const list = [...Object.entries(all).flat(), ...securityHeaders(request, this.config)];
    finish(request, response, status, list, body);
  }

  #recordDenial(request: IncomingMessage): void {
    const reference = `${request.method} /token`;
    this.audit.count('denied', '', originOf(request, anonymous, this.config), { reference });
  }
}
