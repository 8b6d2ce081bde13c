import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { withSocketPath } from '../data-directory/socket-path.js';
import { jsonShape } from '../oci/json-shape.js';
import { CommandFailure, exitOfStatus } from './exit-codes.js';
import { plainLines } from './text-width.js';
import { unreachable } from './unreachable.js';

/** Where the REST API is and who asks. */
export type Server =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL; readonly token: string | undefined };

/** A row as the API wrote it; presenting asks for its fields by name. */
export type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly items: readonly Row[];
  readonly nextCursor?: string;
}

/** What a request would have changed. */
export interface PlannedChange {
  readonly method: string;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body: Row | undefined;
}

type Query = Readonly<Record<string, string | undefined>>;

const silenceMs = 60_000;
/** Milliseconds for a whole answer, or the beginning of an export, however it trickles. */
const answerMs = 300_000;
/** Bytes of such an answer: many times what a server of ours sends. */
const mostBytes = 16 << 20;
/** Brackets within brackets of such an answer; a manifest, which may be in one, has a hundred. */
const deepest = 200;
const pageSize = 100;
/** Rows of one list, which are in memory for a table; an export has no end. */
const mostRows = 1_000_000;

/** The REST API, whichever way it is reached. What is refused is a CommandFailure with the server's own words and code. */
export class Client {
  /** @param plan told what would be changed, which then is not sent */
  constructor(
    private readonly server: Server,
    private readonly plan?: (change: PlannedChange) => void,
  ) {}

  /** Whether whoever asks has an account: by the socket file comes an administrator who is nobody's. */
  get hasAccount(): boolean {
    return this.server.kind === 'url';
  }

  /** The same server, which is asked and not changed: {@link send} tells `plan` and answers with nothing. */
  planning(plan: (change: PlannedChange) => void): Client {
    return new Client(this.server, plan);
  }

  async get(path: string, query: Query = {}): Promise<Row> {
    return asRow(await this.#call('GET', withQuery(path, query)));
  }

  /** The answer; an empty one for 204. */
  async send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: Row): Promise<Row> {
    if (this.plan !== undefined) {
      if (method === 'PATCH' || method === 'DELETE') await this.#requireThere(path);
      this.plan({ method, path, body });
      return {};
    }
    return asRow(await this.#call(method, path, body));
  }

  /** The rows of a list, page by page, until `limit` are there. A server whose pages lead nowhere, or to no end, is a CommandFailure. */
  async *list(path: string, query: Query = {}, limit = Number.POSITIVE_INFINITY): AsyncGenerator<Row> {
    let left = limit;
    let rows = 0;
    for (let cursor: string | undefined; left > 0; ) {
      const size = Number.isFinite(limit) ? String(Math.min(pageSize, left)) : String(pageSize);
      const page = asPage(await this.#call('GET', withQuery(path, { ...query, limit: size, cursor })));
      for (const row of page.items.slice(0, left)) yield row;
      left -= page.items.length;
      rows += page.items.length;
      if (page.nextCursor === undefined) return;
      if (page.items.length === 0 || page.nextCursor === cursor)
        throw new CommandFailure('failure', 'the list of the server does not go on, and says that it does');
      if (rows >= mostRows)
        throw new CommandFailure('failure', `the list has more than ${mostRows} rows: narrow it down`);
      cursor = page.nextCursor;
    }
  }

  /** An export, as it comes; nothing in it is obeyed by a terminal. */
  async *stream(path: string, query: Query = {}): AsyncGenerator<Buffer> {
    const answer = await this.#call('GET', withQuery(path, query), undefined, takeStream);
    const decoder = new TextDecoder();
    try {
      // A character may be cut in two by the network.
      for await (const chunk of answer) yield Buffer.from(plainExport(decoder.decode(chunk, { stream: true })));
      yield Buffer.from(plainExport(decoder.decode()));
    } catch (error) {
      throw new CommandFailure('temporary', `the answer broke off: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Refused as the change itself would be when what it is about is not there. */
  async #requireThere(path: string): Promise<void> {
    try {
      await this.#call('GET', path);
    } catch (error) {
      // Not everything that can be removed can be shown.
      if (!(error instanceof CommandFailure && error.code === 'UNSUPPORTED')) throw error;
    }
  }

  async #call(method: string, path: string, body?: Row): Promise<unknown>;
  async #call<T>(method: string, path: string, body: Row | undefined, take: Take<T>): Promise<T>;
  async #call(method: string, path: string, body?: Row, take: Take<unknown> = takeJson): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: 'application/json',
      'user-agent': 'berth-cli',
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const options = { method, path: `/api/v1${path}`, headers };
    const { server } = this;
    if (server.kind === 'socket')
      return withSocketPath(server.path, (socketPath) => answerOf({ ...options, socketPath }, text, server.path, take));
    const { protocol, hostname, port, pathname, origin } = server.url;
    const authorization = server.token === undefined ? {} : { authorization: `Bearer ${server.token}` };
    const remote = {
      ...options,
      protocol,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      path: `${pathname.replace(/\/+$/, '')}${options.path}`,
      headers: { ...headers, ...authorization },
    };
    return answerOf(remote, text, origin, take);
  }
}

/** What becomes of an answer of 2xx. */
type Take<T> = (response: IncomingMessage) => Promise<T>;

function answerOf<T>(options: RequestOptions, body: string | undefined, where: string, take: Take<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const open = options.protocol === 'https:' ? httpsRequest : httpRequest;
    let underWay: { destroy(error: Error): unknown } | undefined;
    const late = setTimeout(() => underWay?.destroy(new Error('it does not come to an end')), answerMs);
    const request = open({ ...options, agent: false, timeout: silenceMs }, (response) => {
      underWay = response;
      readAnswer(response, where, take)
        .then(resolve, reject)
        .finally(() => clearTimeout(late));
    });
    underWay = request;
    request.once('timeout', () => request.destroy(new Error('it does not answer')));
    request.once('error', (error) => {
      clearTimeout(late);
      reject(unreachable(error, where));
    });
    request.end(body);
  });
}

async function readAnswer<T>(response: IncomingMessage, where: string, take: Take<T>): Promise<T> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return await take(response);
  const answer = await takeJson(response);
  const code = isRow(answer) && typeof answer.code === 'string' ? answer.code : undefined;
  throw new CommandFailure(exitOfStatus(status), messageOf(answer, status, where), code);
}

const takeJson: Take<unknown> = async (response) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new CommandFailure('failure', `the answer has more than ${mostBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure('temporary', `the answer broke off: ${error instanceof Error ? error.message : error}`);
  }
  return parse(Buffer.concat(chunks));
};

/** NDJSON and CSV have lines of their own, and quote everything else that servers of ours do not leave out. */
function plainExport(text: string): string {
  return plainLines(text, '\r\n\t');
}

const takeStream: Take<AsyncIterable<Buffer>> = async (response) => response;

/** Undefined for what is no JSON, or nested as no answer of ours is: whatever walks over it would run out of stack. */
function parse(bytes: Buffer): unknown {
  if (jsonShape(bytes).depth > deepest) return undefined;
  try {
    return bytes.length === 0 ? {} : JSON.parse(bytes.toString());
  } catch {
    return undefined; // a proxy's page, for one
  }
}

/** `title: detail (CODE)` and the fields that are wrong, each on a line of its own. */
function messageOf(answer: unknown, status: number, where: string): string {
  const problem = isRow(answer) ? answer : {};
  if (typeof problem.code !== 'string') return `${where} answered ${status}, and not as Berth does`;
  const said = [problem.title, problem.detail].filter((text) => typeof text === 'string').join(': ');
  const fields = Array.isArray(problem.errors) ? problem.errors.filter(isRow) : [];
  const lines = fields.map(({ pointer, message }) => `\n  ${fieldSaid(textOf(pointer), textOf(message))}`);
  const trace = status >= 500 && typeof problem.requestId === 'string' ? `, request ${problem.requestId}` : '';
  return `${said} (${problem.code}${trace})${lines.join('')}`;
}

/** Which member is wrong, by its name: most sentences begin with it. */
function fieldSaid(pointer: string, message: string): string {
  const names = pointer.split('/').slice(1);
  const known = names.length === 0 || message.includes(names.at(-1) ?? '');
  return known ? message : `${names.join('.')}: ${message}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asRow(answer: unknown): Row {
  if (isRow(answer)) return answer;
  throw new CommandFailure('failure', 'the answer is not one of Berth');
}

function asPage(answer: unknown): Page {
  const { items, nextCursor } = asRow(answer);
  if (!Array.isArray(items)) throw new CommandFailure('failure', 'the answer is not a list');
  return { items: items.filter(isRow), ...(typeof nextCursor === 'string' && { nextCursor }) };
}
