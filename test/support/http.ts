import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Bytes go with Content-Length; a stream goes chunked, without one, as docker sends its layers. */
  readonly body?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
  /** Only where speed is measured: connections that are used again. */
  readonly agent?: Agent;
}

/**
 * One HTTP exchange on a connection of its own: no pool that outlives a restart of the server, no redirect followed,
 * no header invented. The path is sent exactly as written, so that hostile ones arrive.
 */
export async function send(origin: string, path: string, question: Question = {}): Promise<Answer> {
  const { protocol, hostname, port } = new URL(origin);
  const { body } = question;
  const outgoing = (protocol === 'https:' ? requestSecurely : request)({
    hostname,
    port,
    path,
    rejectUnauthorized: false, // the certificates of the specs are their own
    method: question.method ?? 'GET',
    headers: { ...lengthOf(body), ...question.headers },
    signal: question.signal,
    agent: question.agent ?? false,
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.once('response', async (incoming) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
      } catch (error) {
        reject(error);
      }
    });
  });
  if (body instanceof Readable) {
    // A server may answer and hang up before it has read everything; the answer counts, not the broken pipe.
    pipeline(body, outgoing).catch(() => undefined);
  } else {
    outgoing.end(body);
  }
  return answer;
}

/** What an answer says in JSON. */
export function jsonOf({ body }: Pick<Answer, 'body'>) {
  return JSON.parse(body.toString());
}

/** The value of an Authorization header. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function lengthOf(body: Question['body']): OutgoingHttpHeaders {
  return body === undefined || body instanceof Readable ? {} : { 'content-length': Buffer.byteLength(body) };
}
