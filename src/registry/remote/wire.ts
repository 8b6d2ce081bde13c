import {
  type ClientRequest,
  type ClientRequestArgs,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clock } from '../../async/clock.js';
import { Failure } from '../../errors/failure.js';
import { type AddressRules, hostOf } from './address-rules.js';
import { Fault, faultOf, invalidAnswer, OfSource, Stalled } from './fault.js';
import type { RemoteLimits } from './limits.js';

/** Bytes on their way to the registry. */
export interface Body {
  readonly size: number;
  readonly open: () => Promise<Readable>;
}

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Body | undefined;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where it came from. */
  readonly url: URL;
  readonly body: IncomingMessage;
}

/** Bytes of an answer nobody wants that are read for the sake of its connection. */
const cheapBytes = 64 * 1024;

type Connect = (options: ClientRequestArgs, done?: unknown) => unknown;

/** HTTP exchanges with one registry and with where it points to, over connections that are kept. No redirect is followed, no proxy of the environment used, no answer read. */
export class Wire {
  readonly plain: HttpAgent;
  readonly secure: HttpsAgent;

  /** @param ca certificates in PEM that are trusted beside those of the system */
  constructor(
    private readonly rules: AddressRules,
    private readonly limits: Pick<RemoteLimits, 'idleMs' | 'calls' | 'blobs'>,
    ca?: readonly string[],
  ) {
    const options = { keepAlive: true, maxSockets: limits.calls + 2 * limits.blobs + 4, timeout: limits.idleMs };
    this.plain = guarded(new HttpAgent(options), rules);
    this.secure = guarded(new HttpsAgent({ ...options, ...(ca && { ca: [...ca] }) }), rules);
  }

  /** Resolves with the head of the answer, also when it comes before all of the body went. Rejects with a {@link Fault} or {@link OfSource}. */
  async ask({ method, url, headers, body, signal }: Question): Promise<Reply> {
    this.rules.require(url);
    const source = await body?.open().catch((error: unknown) => Promise.reject(new OfSource(error)));
    const secure = url.protocol === 'https:';
    const length = source === undefined ? bodyless(method) : { 'Content-Length': body?.size };
    const options = { method, headers: { ...headers, ...length }, signal, agent: secure ? this.secure : this.plain };
    const request = (secure ? httpsRequest : httpRequest)(url, options);
    try {
      const response = await this.#exchange(request, source);
      return { status: response.statusCode ?? 0, headers: response.headers, url, body: response };
    } catch (error) {
      request.destroy();
      signal.throwIfAborted();
      throw this.#faultOf(error, request, url);
    } finally {
      source?.destroy();
    }
  }

  /** The body whole. Rejects with a {@link Fault}: REMOTE_INVALID for more than `limit` bytes. */
  async read({ body, headers, url }: Reply, limit: number): Promise<Buffer> {
    const host = hostOf(url);
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      if (Number(headers['content-length'] ?? 0) > limit) throw invalidAnswer(host, tooLong(limit));
      for await (const chunk of this.flowing(body)) {
        size += chunk.length;
        if (size > limit) throw invalidAnswer(host, tooLong(limit));
        chunks.push(chunk);
      }
    } catch (error) {
      body.destroy();
      throw faultOf(error, host);
    }
    return Buffer.concat(chunks, size);
  }

  /** The pieces of a body as they come; throws {@link Stalled} when they come so slowly that it would never end. Time counts only while a piece is waited for. */
  async *flowing(body: IncomingMessage): AsyncGenerator<Buffer> {
    const pieces: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
    let [waitedMs, bytes] = [0, 0];
    try {
      for (;;) {
        const from = clock.steady();
        const timer = setTimeout(() => body.destroy(new Stalled()), Math.max(0, this.limits.idleMs - waitedMs));
        const { done, value } = await pieces.next().finally(() => clearTimeout(timer));
        if (done) return;
        waitedMs += clock.steady() - from;
        bytes += value.length;
        if (bytes >= leastBytes) [waitedMs, bytes] = [0, 0];
        yield value;
      }
    } finally {
      if (!body.readableEnded) body.destroy();
    }
  }

  /** Gives a body up whose status said enough. Its connection is used again if that is cheap. */
  drop({ body, headers }: Pick<Reply, 'body' | 'headers'>): void {
    body.on('error', () => undefined);
    if (Number(headers['content-length'] ?? Number.POSITIVE_INFINITY) > cheapBytes && !body.complete) body.destroy();
    else body.setTimeout(this.limits.idleMs, () => body.destroy()).resume();
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  /** The answer, or the first thing that went wrong. */
  async #exchange(request: ClientRequest, source: Readable | undefined): Promise<IncomingMessage> {
    const check = () => {
      const sourceIsSlow = source !== undefined && !request.writableEnded && !request.writableNeedDrain;
      if (sourceIsSlow) timer.refresh();
      else request.destroy(new Stalled());
    };
    const timer = setTimeout(check, this.limits.idleMs);
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        request.on('error', reject);
        if (source === undefined) {
          request.end();
          return;
        }
        request.on('drain', () => timer.refresh());
        source.once('error', (error) => reject(new OfSource(error)));
        // What the request says is heard above, and what the source says too.
        pipeline(source, request).catch(() => undefined);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #faultOf(error: unknown, request: ClientRequest, url: URL): unknown {
    if (error instanceof OfSource) return error;
    const fault = faultOf(error, hostOf(url));
    return fault.again === 'later' && request.reusedSocket && fault.failure.code === 'REMOTE_UNREACHABLE'
      ? new Fault(fault.failure, 'at-once')
      : fault;
  }
}

/** Fewer bytes than these in the idle time are as good as none. */
const leastBytes = 1024;

/** Every connection goes to an address that the rules have seen. */
function guarded<A extends HttpAgent>(agent: A, rules: AddressRules): A {
  // The method is there for this purpose (node:http "agent.createConnection"); the types of Node 20 leave it out.
  const open = agent as unknown as { createConnection: Connect };
  const connect = open.createConnection.bind(agent);
  open.createConnection = (options, done) => {
    const [host, port] = [options.host ?? '', Number(options.port)];
    return connect({ ...options, lookup: rules.lookupFor(host, port) }, done);
  };
  return agent;
}

function bodyless(method: Question['method']): OutgoingHttpHeaders {
  return method === 'POST' || method === 'PUT' ? { 'Content-Length': 0 } : {};
}

function tooLong(limit: number): string {
  return `the answer has more than ${limit} bytes`;
}

/** Content that is in memory anyway. */
export function bytesBody(bytes: Buffer): Body {
  return { size: bytes.length, open: async () => Readable.from([bytes]) };
}

/**
 * The bytes of a source, counted: one more or one less than promised is SIZE_INVALID, and then the registry never got as many as
 * were promised. Both end together.
 */
export function counted(source: Readable, size: number): Readable {
  let count = 0;
  let held: Buffer | undefined;
  const wrong = () =>
    new Failure('SIZE_INVALID', { message: `the content should have ${size} bytes, and ended after ${count}` });
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      if (count > size) return done(wrong());
      done(null, held);
      held = chunk;
    },
    flush(done) {
      if (count === size) done(null, held);
      else done(wrong());
    },
  });
  pipeline(source, meter).catch(() => undefined); // the meter fails with the same
  return meter;
}
