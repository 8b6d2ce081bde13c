import type { ServerResponse } from 'node:http';

/** Names and values in turn, as `writeHead` takes them fastest. */
export type Headers = readonly string[];

/** On every answer of the data plane: nothing it sends may ever run in a browser. */
const always: Headers = [
  'Docker-Distribution-Api-Version',
  'registry/2.0',
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; sandbox",
];

/** The whole header list of an answer, which can be kept and sent many times. */
export function headerList(...headers: string[]): string[] {
  return [...always, ...headers];
}

/** Answers without a body. */
export function sendEmpty(response: ServerResponse, status: number, ...headers: string[]): void {
  const length = status === 204 || status === 304 ? [] : ['Content-Length', '0'];
  response.writeHead(status, headerList(...headers, ...length));
  response.end();
}

/** Answers 200 with JSON; a HEAD gets the same headers. `mediaType` goes out exactly as given. */
export function sendJson(response: ServerResponse, body: unknown, mediaType: string, ...headers: string[]): void {
  sendParts(response, [Buffer.from(JSON.stringify(body))], mediaType, ...headers);
}

/** Answers 200 with a body that is there in parts; a HEAD gets the same headers, and nothing is put together for it. */
export function sendParts(
  response: ServerResponse,
  parts: readonly Buffer[],
  mediaType: string,
  ...headers: string[]
): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  response.writeHead(200, headerList('Content-Type', mediaType, 'Content-Length', String(length), ...headers));
  response.end(response.req.method === 'HEAD' ? undefined : Buffer.concat(parts, length));
}
