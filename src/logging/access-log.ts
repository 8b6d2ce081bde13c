import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from './logger.js';
import { requestId } from './request-id.js';

/**
 * Writes one line when the answer is over, without query strings: our failures as errors, what changed something as
 * info, reads and refusals as debug. A read that succeeds costs nothing while debug is off.
 * @param address - of the client, as proxies report it
 */
export function logRequest(
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
  address: (request: IncomingMessage) => string | undefined,
): void {
  const started = performance.now();
  const reads = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : 499;
    const level = status >= 500 ? 'error' : reads || status >= 400 ? 'debug' : 'info';
    if (level !== 'error' && !log.enabled(level)) return;
    const path = request.url?.split('?', 1)[0];
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const fields = { reqId: requestId(request), method: request.method, path, status, ms, address: address(request) };
    log[level](fields, 'request');
  });
}
