import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { ExpressAdapter } from '@nestjs/platform-express';
import { ambiguity } from './connections/ambiguity.js';
import type { Connections } from './connections/connections.js';
import { headTooLarge, isHeadTooLarge, mostOfHead } from './connections/head-size.js';
import { Failure } from './errors/failure.js';
import type { Cors } from './http/cors.js';
import { refuse } from './http/refuse.js';
import type { TlsFiles } from './tls-files.js';

/** Of a request; programs send about twenty. Each takes far more memory than its bytes for as long as the body is on its way. */
const mostHeaders = 200;

/** Answers requests that never enter Express (docs/adr/0001, 0012). */
export interface PlainEntry {
  /** Whether a request with this target is for `handle`. */
  serves(url: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** The one HTTP server: what one of the `entries` serves goes there as it is, everything else to Express. */
export class BerthHttpAdapter extends ExpressAdapter {
  /** Set before anything listens. */
  entries: readonly PlainEntry[] = [];
  /** Pages of other origins; undefined when there are none. */
  cors: Cors | undefined;
  /** Requests that came before {@link begin}; undefined from then on. */
  #early: (() => void)[] | undefined = [];

  /**
   * @param connections - looks after those of both servers
   * @param observe - sees every request that goes to Express, before it does
   * @param secure - with it the one server speaks HTTPS and nothing else
   */
  constructor(
    private readonly connections: Connections,
    private readonly observe: (request: IncomingMessage, response: ServerResponse) => void,
    private readonly secure?: TlsFiles,
  ) {
    super();
  }

  override initHttpServer(): void {
    const server = this.#hardened((request, response) => {
      const url = originForm(request);
      if (this.cors?.answers(request, response)) return;
      for (const entry of this.entries) if (entry.serves(url)) return entry.handle(request, response);
      this.#toExpress(request, response);
    }, this.secure);
    this.connections.watch(server, { isPrivate: false });
    this.httpServer = server;
  }

  /** Answers what came since the servers listen, and from now on everything without waiting. */
  begin(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const answer of early) answer();
  }

  /** One more server, for Express alone: the REST API on the socket file of the data directory. */
  secondServer(): Server {
    const server = this.#hardened((request, response) => this.#toExpress(request, response));
    this.connections.watch(server, { isPrivate: true });
    return server;
  }

  /** Requests come to `listener` one at a time of each connection, and none that two programs could read differently. */
  #hardened(listener: RequestListener, secure?: TlsFiles): Server {
    const sound: RequestListener = (request, response) => {
      if (isHeadTooLarge(request)) {
        refuse(request, response, new Failure('HEAD_TOO_LARGE', { message: headTooLarge }));
        return;
      }
      const problem =
        request.rawHeaders.length > 2 * mostHeaders
          ? `a request has ${mostHeaders} headers at most`
          : ambiguity(request);
      if (problem === undefined && this.#early !== undefined) this.#early.push(() => listener(request, response));
      else if (problem === undefined) listener(request, response);
      else refuse(request, response, new Failure('VALIDATION_FAILED', { message: problem }));
    };
    return hardened(this.connections, sound, secure);
  }

  #toExpress(request: IncomingMessage, response: ServerResponse): void {
    this.observe(request, response);
    this.getInstance<RequestListener>()(request, response);
  }
}

/** The target as path and query; a client that takes us for a proxy writes the whole address (RFC 9112 §3.2.2). */
function originForm(request: IncomingMessage): string {
  const { url = '/' } = request;
  if (url.startsWith('/')) return url;
  const path = url.replace(/^https?:\/\/[^/?]*/i, '');
  request.url = path === '' || path.startsWith('?') ? `/${path}` : path;
  return request.url;
}

/** Node's defaults cut a long push after 300 s and lose races with a proxy's idle connections. */
function hardened(connections: Connections, sound: RequestListener, secure?: TlsFiles): Server {
  const listener = connections.answerInOrder(sound);
  const limits = {
    maxHeaderSize: mostOfHead,
    connectionsCheckingInterval: 5_000,
    IncomingMessage: connections.requestClass,
  };
  const server = secure
    ? createSecureServer({ ...limits, ...secure, handshakeTimeout: 15_000 }, listener)
    : createServer(limits, listener);
  server.maxHeadersCount = mostHeaders + 1; // what is more is not kept, and that there is more is seen
  server.requestTimeout = 0; // connections/body-clock.ts replaces it
  server.headersTimeout = 15_000;
  server.keepAliveTimeout = 75_000; // longer than nginx keeps its own side
  // Node would answer 417 by itself, out of turn; what is not known may as well be ignored (RFC 9110 §10.1.1).
  server.on('checkExpectation', listener);
  return server;
}
