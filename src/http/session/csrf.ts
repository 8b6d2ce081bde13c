import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { Failure } from '../../errors/failure.js';
import { type AddressConfig, requestHost } from '../request-origin.js';

const formField = '_csrf';
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps other sites from acting with a visitor's cookie (H4): every state-changing request must come from one of our own
 * pages by what the browser says of it, and one that a cookie signs in must carry the token of its session besides.
 */
export class Csrf {
  /** csrf-sync compares with `===`; comparing under a key that nobody knows gives the time of that comparison no meaning. */
  readonly #blinding = randomBytes(32);
  readonly #synchroniser = csrfSync({
    getTokenFromState: (request) => this.#blinded(this.token(request)),
    getTokenFromRequest: (request) => this.#blinded(receivedToken(request)),
  });

  constructor(
    private readonly key: Buffer,
    private readonly config: AddressConfig,
    /** Of BERTH_CORS_ORIGINS: their pages may sign people in, and get no token for what a cookie signs in. */
    private readonly listedOrigins: readonly string[] = [],
  ) {}

  /** The token for the forms of this request's session; undefined when nobody is signed in. */
  token({ user }: Pick<Request, 'user'>): string | undefined {
    return user?.sid === undefined ? undefined : createHmac('sha256', this.key).update(user.sid).digest('base64url');
  }

  /** Throws CSRF_FAILED. To be asked once `request.user` is known. */
  check(request: Request, { tokenNeeded }: { readonly tokenNeeded: boolean }): void {
    if (reading.has(request.method)) return;
    if (request.user?.via === 'bearer' || request.user?.via === 'local') return; // no browser sends either on another site's behalf
    this.checkSource(request);
    if (tokenNeeded && request.user?.sid !== undefined && !this.#synchroniser.isRequestValid(request))
      throw new Failure('CSRF_FAILED');
    if (isForm(request.body)) delete request.body[formField]; // no concern of the form's class
  }

  /** Throws CSRF_FAILED for a request that a browser made for another site's page. */
  checkSource(request: IncomingMessage): void {
    if (!this.#isListed(request) && !this.#isSameOrigin(request)) throw new Failure('CSRF_FAILED');
  }

  /**
   * Browsers send `Sec-Fetch-Site` on secure origins and `Origin` with every form and script request; what sends neither
   * is no browser. Hosts are compared without the scheme, which a proxy may not have told us.
   */
  #isSameOrigin(request: IncomingMessage): boolean {
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined) return site === 'same-origin' || site === 'none';
    const { origin } = request.headers;
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false; // "null" included
    const { host } = new URL(origin);
    return host !== '' && (host === this.config.publicUrl?.host || host === hostOf(requestHost(request, this.config)));
  }

  #isListed({ headers }: IncomingMessage): boolean {
    return headers.origin !== undefined && this.listedOrigins.includes(headers.origin);
  }

  #blinded(token: string | undefined): string | undefined {
    return token === undefined ? undefined : createHmac('sha256', this.#blinding).update(token).digest('base64');
  }
}

/** From the header, which scripts send, or the form field. */
function receivedToken({ headers, body }: Request): string | undefined {
  const token: unknown = headers['x-csrf-token'] ?? (isForm(body) ? body[formField] : undefined);
  return typeof token === 'string' ? token : undefined;
}

function isForm(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null;
}

/** As a URL writes it: without the default port. */
function hostOf(host: string): string {
  return host.replace(/:(?:80|443)$/, '');
}
