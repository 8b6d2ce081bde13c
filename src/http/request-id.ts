import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const grammar = /^[A-Za-z0-9._-]{1,64}$/;
const ids = new WeakMap<IncomingMessage, string>();

/** Random per process, counted within it: unique without asking the system for randomness on every request. */
const prefix = randomBytes(6).toString('hex');
let count = 0;

/**
 * The id by which log, answer and error page name a request, the same however often it is asked: the client's
 * X-Request-Id when that is 1 to 64 of `A-Z a-z 0-9 . _ -`, otherwise one of ours.
 */
export function requestId(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const sent = request.headers['x-request-id'];
  const id = typeof sent === 'string' && grammar.test(sent) ? sent : `${prefix}-${(++count).toString(36)}`;
  ids.set(request, id);
  return id;
}
