import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A transparent HTTP proxy that remembers what real clients asked and what they got. */
export interface RecordingProxy {
  readonly url: string;
  /** 127.0.0.1:port, as clients write it before a repository. */
  readonly host: string;
  /** What was exchanged since the last call, oldest first. */
  take(): Exchange[];
  stop(): Promise<void>;
}

/** Forwards everything to `target`, Host header included, on a connection per request so that the target may restart. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const { hostname, port } = new URL(target);
  let exchanges: Exchange[] = [];

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const record = (status: number) => exchanges.push({ method, path: url, status });
    const forwarded = request({ hostname, port, path: url, method, headers, agent: false });
    forwarded.once('error', () => {
      // A client that hung up got no answer at all, which is not the target's fault.
      if (outgoing.headersSent || (incoming.destroyed && !incoming.complete)) return outgoing.destroy();
      record(502);
      outgoing.writeHead(502).end();
    });
    forwarded.once('response', (answer) => {
      record(answer.statusCode ?? 0);
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, outgoing).catch(() => outgoing.destroy());
    });
    await pipeline(incoming, forwarded).catch(() => undefined); // the response event tells how it went
  };
  const server = createServer((incoming, outgoing) => void forward(incoming, outgoing));
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the proxy has no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    url: `http://${host}`,
    host,
    take: () => {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
