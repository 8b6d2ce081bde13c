import type { IncomingHttpHeaders } from 'node:http';
import { AddressRules, hostOf } from './address-rules.js';
import { type Fault, faultOfStatus, invalidAnswer } from './fault.js';
import { JsonCalls, jsonObject } from './json-calls.js';
import type { RemoteLimits } from './limits.js';
import { Retries, retryAfterMs, type Waiting } from './retries.js';
import { type Credentials, Tokens } from './tokens.js';
import { type Question, type Reply, Wire } from './wire.js';

/** Which registry, and how to sign in to it. */
export interface RemoteSettings {
  /** `https://registry.example:5000`. */
  readonly url: string;
  readonly credentials?: Credentials | undefined;
  /** Origins of token realms that may be given the credentials, beside the registry's own. */
  readonly realms?: readonly string[];
  /** Certificates in PEM to trust beside the system's. */
  readonly ca?: readonly string[];
  /** `host:port` that may be connected to though it is this machine or its link. */
  readonly allowedAddresses?: readonly string[];
}

/** A question to the registry. */
export interface Asked {
  readonly method: Question['method'];
  /** A path from the root of the registry, or where it pointed to. */
  readonly to: string | URL;
  /** Access that the answer takes, as scopes. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Question['body'];
  /** Statuses that the asker understands; any other is a fault. */
  readonly expected: readonly number[];
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly url: URL;
  /** Empty unless the status is 200. */
  readonly value: Readonly<Record<string, unknown>>;
}

const mostRedirects = 5;
const redirects: readonly number[] = [301, 302, 303, 307, 308];
/** Bytes of an answer that are read for the code of its error. */
const errorBytes = 16 * 1024;

/** What is answered and what is asked, signed in and followed: the same for JSON and for all else. */
interface Headed {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders> | Readonly<Record<string, string | undefined>>;
}

/** Questions to one registry: signed in, followed where they are sent on, tried again. */
export class Exchange {
  readonly origin: URL;
  readonly host: string;
  readonly wire: Wire;
  readonly retries: Retries;
  readonly #calls: JsonCalls;
  readonly #tokens: Tokens;

  constructor(
    { url, credentials, realms = [], ca, allowedAddresses }: RemoteSettings,
    private readonly limits: RemoteLimits,
    waiting?: Waiting,
  ) {
    this.origin = new URL(url);
    this.host = hostOf(this.origin);
    const rules = new AddressRules(allowedAddresses);
    this.wire = new Wire(rules, limits, ca);
    this.retries = new Retries(this.host, limits, waiting);
    this.#calls = new JsonCalls(rules, this.wire, limits.idleMs);
    this.#tokens = new Tokens(this.origin, credentials, realms, this.#calls, limits);
  }

  /** Asks until there is an answer, or no sense in asking. `use` reads it and is part of the try. */
  ask<T>(asked: Asked, signal: AbortSignal, use: (reply: Reply) => Promise<T>): Promise<T> {
    return this.retries.run(async () => use(await this.once(asked, signal)), signal);
  }

  /** One try, with the redirects and the sign-in that belong to it. Rejects with a fault for a status that is not expected. */
  async once(asked: Asked, signal: AbortSignal): Promise<Reply> {
    const { method, body, expected } = asked;
    const reply = await this.#follow(
      asked,
      signal,
      (url, headers) => this.wire.ask({ method, url, headers, body, signal }),
      (dropped) => this.wire.drop(dropped),
    );
    if (expected.includes(reply.status)) return reply;
    throw await this.#refusalOf(reply, method);
  }

  /** As {@link ask}, for what is answered in JSON; statuses other than 200 and those expected are faults. */
  askJson(asked: Omit<Asked, 'body' | 'method'>, signal: AbortSignal): Promise<JsonAnswer> {
    return this.retries.run(async () => {
      const reply = await this.#follow({ ...asked, method: 'GET' }, signal, (url, headers) =>
        this.#calls.ask({ url, headers, limit: this.limits.listBytes, signal }),
      );
      const { status, headers, url, bytes } = reply;
      if (!asked.expected.includes(status))
        throw faultOfStatus(status, this.host, codeOf(bytes), retryAfterMs(headers['retry-after']));
      return { status, headers, url, value: status === 200 ? jsonObject(bytes, this.host) : {} };
    }, signal);
  }

  /** Where an answer points to. Throws REMOTE_INVALID; whether it may be connected to is asked when it is. */
  located(location: string | string[] | undefined, from: URL): URL {
    if (typeof location !== 'string' || !URL.canParse(location, from.href))
      throw invalidAnswer(this.host, 'it points to no address');
    const url = new URL(location, from);
    // A registry behind a proxy that ends TLS may not know of it.
    if (url.host === from.host && from.protocol === 'https:') url.protocol = 'https:';
    if (from.protocol === 'https:' && url.protocol !== 'https:')
      throw invalidAnswer(this.host, 'it points away from https');
    return url;
  }

  async #follow<R extends Headed>(
    { method, to, scopes, headers = {} }: Pick<Asked, 'method' | 'to' | 'scopes' | 'headers'>,
    signal: AbortSignal,
    send: (url: URL, headers: Record<string, string>) => Promise<R>,
    drop: (reply: R) => void = () => undefined,
  ): Promise<R> {
    let url = new URL(to, this.origin);
    let signedInAnew = false;
    for (let hops = 0; ; ) {
      const own = url.origin === this.origin.origin;
      const authorization = own ? await this.#tokens.authorization(scopes, signal) : undefined;
      const reply = await send(url, { ...headers, ...(authorization && { Authorization: authorization }) });
      if (reply.status === 401 && own && !signedInAnew) {
        drop(reply);
        signedInAnew = true;
        this.#tokens.learn(reply.headers['www-authenticate'] as string | undefined, url, scopes); // Node joins several
      } else if (redirects.includes(reply.status) && (method === 'GET' || method === 'HEAD')) {
        drop(reply);
        if (++hops > mostRedirects) throw invalidAnswer(this.host, 'it sends on without end');
        url = this.located(reply.headers.location, url);
      } else return reply;
    }
  }

  async #refusalOf(reply: Reply, method: Question['method']): Promise<Fault> {
    const after = retryAfterMs(reply.headers['retry-after']);
    const said =
      method === 'HEAD' ? Buffer.alloc(0) : await this.wire.read(reply, errorBytes).catch(() => Buffer.alloc(0));
    return faultOfStatus(reply.status, hostOf(reply.url), codeOf(said), after);
  }
}

/** The code of the first error in a body of the distribution specification; nothing that could be anything else. */
export function codeOf(bytes: Buffer): string {
  return /"code"\s*:\s*"([A-Z_]{1,40})"/.exec(bytes.toString('latin1', 0, errorBytes))?.[1] ?? '';
}
