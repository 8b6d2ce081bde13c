import type { ServerResponse } from 'node:http';

/**
 * Sends head and body with one write, at once; strings go out faster than buffers, and fastest as Latin-1. The answer is ended
 * when both have left, because `end` with a body makes two writes of it, the second of nothing.
 */
export function sendAtOnce(
  response: ServerResponse,
  body: string | Buffer,
  encoding: 'latin1' | 'utf8' = 'utf8',
): void {
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.cork();
  response.write(body, encoding, () => response.end());
  response.uncork();
}
