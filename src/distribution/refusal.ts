import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { FailureCode } from '../errors/catalog.js';
import { type Failure, toFailure } from '../errors/failure.js';
import { renderOci } from '../errors/render-oci.js';
import { finish } from '../http/finish.js';
import { requestId } from '../http/request-id.js';
import { requestOrigin } from '../http/request-origin.js';
import { Log } from '../logging/logger.js';
import type { Scope } from '../oci/scope.js';
import { headerList } from './answer.js';
import { bearerChallenge, type ChallengeError } from './challenge.js';
import { SourceOutOfScope } from './gate.js';
import { pathOf } from './path-table.js';

const challengeErrors: Partial<Record<FailureCode, ChallengeError>> = {
  TOKEN_INVALID: 'invalid_token',
  INSUFFICIENT_SCOPE: 'insufficient_scope',
};

/** Answers what went wrong: one table, one form, and a connection that is usable afterwards or closed. */
@Injectable()
export class Refusal {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'trustedProxies' | 'token'>,
    private readonly log: Log,
  ) {}

  /** @param scopes what a token would need to cover, for the challenge of a 401 */
  send(request: IncomingMessage, response: ServerResponse, error: unknown, scopes: readonly Scope[]): void {
    const failure = toFailure(error);
    const id = requestId(request);
    const fields = { reqId: id, method: request.method, path: pathOf(request.url ?? '') };
    if (request.socket.destroyed) {
      this.log.debug({ ...fields, error }, 'client went away');
      return;
    }
    const { status, headers, body } = renderOci(failure, id);
    if (status >= 500) {
      this.log.error({ ...fields, error: failure.cause ?? failure }, 'request failed');
    }
    if (response.headersSent) {
      this.log.error({ ...fields, error }, 'answer cut off');
      response.destroy();
      return;
    }
    const all = { ...headers, 'Content-Length': String(Buffer.byteLength(body)), 'X-Request-Id': id };
    const list = headerList(...Object.entries(all).flat());
    if (status === 401) {
      list.push('WWW-Authenticate', this.#challenge(request, failure, scopes));
    }
    finish(request, response, status, list, body);
  }

  #challenge(request: IncomingMessage, failure: Failure, needed: readonly Scope[]): string {
    const source = failure instanceof SourceOutOfScope ? failure.source : undefined;
    const scopes =
      source === undefined || needed.some(({ name }) => name === source.name) ? needed : [...needed, source];
    const { service } = this.config.token;
    const { code, detail, message } = failure;
    // Only those who may know of the repository are told a detail, and only they find it here, where docker looks for it.
    const description = code === 'INSUFFICIENT_SCOPE' && detail !== undefined ? message : undefined;
    return bearerChallenge(requestOrigin(request, this.config), service, scopes, challengeErrors[code], description);
  }
}
