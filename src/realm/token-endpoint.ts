import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { addressGroup } from '../access/address-group.js';
import { withOrigin } from '../access/origin.js';
import { anonymous } from '../access/principal.js';
import { type Caller, type TokenAnswer, TokenRealm } from '../auth/tokens/token-realm.js';
import { CONFIG, type Config } from '../config/config.js';
import { Failure } from '../errors/failure.js';
import { logRequest } from '../http/access-log.js';
import { originOf } from '../http/change-origin.js';
import { HeldBodies } from '../http/held-bodies.js';
import { isBelow } from '../http/paths.js';
import { requestId } from '../http/request-id.js';
import { clientAddress } from '../http/request-origin.js';
import { securityHeaders } from '../http/security-headers.js';
import { sendAtOnce } from '../http/send-at-once.js';
import { Csrf } from '../http/session/csrf.js';
import { Log } from '../logging/logger.js';
import { parseParameters } from './parse-parameters.js';
import { readForm } from './read-form.js';
import { realmRoutes } from './realm-routes.js';
import { TokenRefusal } from './token-refusal.js';

const methods = realmRoutes.map(({ method }) => method).join(', ');

/**
 * The token realm on HTTP, outside of Express (docs/adr/0012): every pull and push begins here, and of the time of a token
 * that way takes three quarters.
 */
@Injectable()
export class TokenEndpoint {
  constructor(
    private readonly realm: TokenRealm,
    private readonly refusal: TokenRefusal,
    private readonly csrf: Csrf,
    private readonly log: Log,
    private readonly bodies: HeldBodies,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Whether a request with this target is for `handle`. */
  serves(url: string): boolean {
    return isBelow(url, '/token');
  }

  /** Answers the request, well or badly; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    logRequest(this.log, request, response, () => clientAddress(request, this.config));
    void this.#respond(request, response);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#send(request, response, await this.#answer(request));
    } catch (error) {
      this.refusal.send(request, response, error);
    }
  }

  async #answer(request: IncomingMessage): Promise<TokenAnswer> {
    const { method = '', url = '', headers } = request;
    const question = url.indexOf('?');
    const path = (question < 0 ? url : url.slice(0, question)).toLowerCase();
    if (path !== '/token' && path !== '/token/') throw new Failure('ROUTE_UNKNOWN');
    const caller = { address: clientAddress(request, this.config), userAgent: headers['user-agent'] ?? '' };
    switch (method) {
      case 'GET':
      case 'HEAD': {
        const query = question < 0 ? {} : parseParameters(url.slice(question + 1));
        return await this.realm.byQuery(method, query, headers.authorization, caller);
      }
      case 'POST':
        return await this.#answerForm(request, caller);
      default:
        throw new Failure('UNSUPPORTED', { headers: { Allow: methods } });
    }
  }

  async #answerForm(request: IncomingMessage, caller: Caller): Promise<TokenAnswer> {
    this.csrf.checkSource(request);
    const form = await readForm(request, this.bodies, addressGroup(caller.address));
    // A refresh token is counted among the sign-ins, and writes nothing for which somebody waits.
    if (form.grant_type === 'refresh_token') return await this.realm.byForm(form, caller);
    return await withOrigin(originOf(request, anonymous, this.config), () => this.realm.byForm(form, caller));
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: TokenAnswer): void {
    const body = JSON.stringify(answer);
    response.writeHead(200, [
      ...['X-Request-Id', requestId(request)],
      ...securityHeaders(request, this.config),
      ...['Cache-Control', 'no-store'],
      ...['Content-Type', 'application/json; charset=utf-8'],
      ...['Content-Length', String(Buffer.byteLength(body))],
    ]);
    sendAtOnce(response, body, 'utf8');
  }
}
