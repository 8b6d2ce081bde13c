import type { IncomingMessage, ServerResponse } from 'node:http';
import { clock } from '../async/clock.js';
import type { Log } from '../logging/logger.js';
import { requestId } from './request-id.js';

/**
 * Writes one line when the answer is over, without query strings: our failures as errors, what changed something as
 * info, reads and refusals as debug. A read that succeeds costs nothing while debug is off.
 * @param address - of the client, as proxies report it
 * @param changes - whether an answer with this status changed something that lasts
 */
export function logRequest(
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
  address: (request: IncomingMessage) => string | undefined,
  changes: (status: number) => boolean = () => !reads(request),
): void {
  const started = clock.steady();
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : 499;
    const level = status >= 500 ? 'error' : status < 400 && changes(status) ? 'info' : 'debug';
    if (level !== 'error' && !log.enabled(level)) return;
    const path = request.url?.split('?', 1)[0];
    const ms = Math.round((clock.steady() - started) * 10) / 10;
    const fields = { reqId: requestId(request), method: request.method, path, status, ms, address: address(request) };
    log[level](fields, 'request');
  });
}

function reads({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
