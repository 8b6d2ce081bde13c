import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalog } from '../errors/catalog.js';
import type { Failure } from '../errors/failure.js';
import { renderOci } from '../errors/render-oci.js';
import { renderProblem } from '../errors/render-problem.js';
import { requestId } from './request-id.js';

const english: ReadonlyMap<string, string> = new Map(Object.values(catalog).map(({ key, message }) => [key, message]));

/**
 * Answers a request that goes no further, and closes its connection: in the registry's words below `/v2` and to the realm, as a
 * problem everywhere else. Nothing of the request was looked at, so nothing of it is in the answer.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, failure: Failure): void {
  const id = requestId(request);
  const { url = '' } = request;
  const { status, headers, body } = /^\/(?:v2|token)\b/.test(url)
    ? renderOci(failure, id)
    : renderProblem(failure, {
        requestId: id,
        instance: url.split('?', 1)[0] ?? '',
        translate: (key) => english.get(key) ?? key,
      });
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'Content-Length': length, 'X-Request-Id': id, Connection: 'close' });
  response.end(body);
}
