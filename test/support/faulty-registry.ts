import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** @param nth how many requests of this method and path came before */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

/** A server that answers as badly as a spec wants it to. */
export interface FaultyRegistry {
  readonly url: string;
  /** 127.0.0.1:port. */
  readonly host: string;
  /** Everything that came since it was started or told to behave otherwise. */
  readonly seen: readonly Seen[];
  behave(behaviour: Behaviour): void;
  /** Connections that are open. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** @param tls key and certificate in PEM; left out: it speaks plain HTTP */
export async function startFaultyRegistry(tls?: {
  readonly key: string;
  readonly cert: string;
}): Promise<FaultyRegistry> {
  let behaviour: Behaviour = (_request, response) => response.writeHead(404).end();
  let seen: Seen[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '' } = request;
    const { authorization, range } = request.headers;
    const nth = seen.filter((one) => one.method === method && one.path === path).length;
    seen.push({ method, path, authorization, range });
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    behaviour(request, response, nth);
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has such an address.
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    get seen() {
      return seen;
    },
    behave(next) {
      behaviour = next;
      seen = [];
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers with these bytes and headers, as a server does that is well. */
export function sendWhole(
  response: ServerResponse,
  bytes: Uint8Array | string,
  headers: Record<string, string> = {},
  status = 200,
): void {
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(bytes), ...headers }).end(bytes);
}

/** Promises all bytes, sends some, and cuts the connection. */
export function sendCut(
  response: ServerResponse,
  bytes: Buffer,
  sent: number,
  headers: Record<string, string> = {},
  status = 200,
): void {
  response.writeHead(status, { 'Content-Length': bytes.length, ...headers });
  response.write(bytes.subarray(0, sent), () => setImmediate(() => response.destroy()));
}
