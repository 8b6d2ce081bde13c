import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/config.js';
import { isBelow } from './paths.js';

/** What programs call. Pages and their assets are for our own origin alone. */
const folders = ['/v2', '/token', '/api', '/.well-known/jwks.json'];

/** What a page elsewhere may read besides the headers every page may. */
const exposed = [
  'Docker-Content-Digest',
  'ETag',
  'Link',
  'Location',
  'Range',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
  'X-Total-Count',
].join(', ');

/** How long a browser may remember what it asked beforehand. */
const rememberSeconds = '600';

/**
 * Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol) from the pages that BERTH_CORS_ORIGINS names;
 * every other gets what it would get without this. Cookies are for named origins, never for `*` (H5).
 */
export class Cors {
  readonly #everybody: boolean;
  readonly #origins: ReadonlySet<string>;
  readonly #methods: string;
  readonly #headers: string;

  private constructor({ origins, methods, headers }: Config['cors']) {
    this.#everybody = origins.includes('*');
    this.#origins = new Set(origins);
    this.#methods = methods.join(', ');
    this.#headers = headers.join(', ');
  }

  /** Undefined when it is off, as it is without a setting. */
  static of({ cors }: Pick<Config, 'cors'>): Cors | undefined {
    return cors.origins.length > 0 ? new Cors(cors) : undefined;
  }

  /** Puts the headers on what will be answered. True when the request only asked beforehand, and has its answer. */
  answers(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '', headers } = request;
    if (!folders.some((folder) => isBelow(url, folder))) return false;
    if (!this.#everybody) response.setHeader('Vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !(this.#everybody || this.#origins.has(origin))) return false;
    response.setHeader('Access-Control-Allow-Origin', this.#everybody ? '*' : origin);
    if (!this.#everybody) response.setHeader('Access-Control-Allow-Credentials', 'true');
    if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
      response.writeHead(204, {
        'Access-Control-Allow-Methods': this.#methods,
        'Access-Control-Allow-Headers': this.#headers,
        'Access-Control-Max-Age': rememberSeconds,
      });
      response.end();
      return true;
    }
    response.setHeader('Access-Control-Expose-Headers', exposed);
    return false;
  }
}
