import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyLength } from './body.js';

/** A body up to this many bytes is read and thrown away, so that its connection can be used again. */
const drainable = 64 * 1024;
/** How long a refused client may go on sending a larger one; closing at once could destroy the answer on its way. */
const lingerMs = 1_000;

/** Answers, and keeps the connection only if what is left of the request's body is small. */
export function finish(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  list: readonly string[],
  body: string,
): void {
  const length = bodyLength(request.headers);
  if (request.complete || (length !== undefined && length <= drainable)) {
    response.writeHead(status, [...list]);
    response.end(body);
    request.resume();
    return;
  }
  response.writeHead(status, [...list, 'Connection', 'close']);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // The answer is complete with this; the connection ends with end().
  response.write(body);
  request.resume();
  const stop = new AbortController();
  request.once('close', () => stop.abort());
  request.once('end', () => stop.abort());
  delay(lingerMs, undefined, { signal: stop.signal, ref: false })
    .catch(() => undefined)
    .finally(() => response.end());
}
