import type { AxiosInstance, AxiosResponse } from 'axios';
import { isFailure } from '../../errors/failure.js';
import { jsonShape } from '../../oci/json-shape.js';
import { type AddressRules, hostOf } from './address-rules.js';
import { faultOf, invalidAnswer, Stalled } from './fault.js';
import type { Wire } from './wire.js';

export interface JsonQuestion {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent by POST, as a form. */
  readonly form?: URLSearchParams | undefined;
  /** Bytes of the longest answer. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface JsonReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly url: URL;
  readonly bytes: Buffer;
}

/** Of an answer; deeper and longer ones are made to be hard to read. */
const deepest = 32;
const mostValues = 250_000;

/** Questions whose answers are small and JSON, by axios, which is loaded with the first of them. */
export class JsonCalls {
  #axios: Promise<AxiosInstance> | undefined;

  constructor(
    private readonly rules: AddressRules,
    private readonly wire: Pick<Wire, 'plain' | 'secure'>,
    private readonly idleMs: number,
  ) {}

  /** Whatever the status is. Rejects with a fault, never with what axios throws: that has the credentials in it. */
  async ask({ url, headers, form, limit, signal }: JsonQuestion): Promise<JsonReply> {
    this.rules.require(url);
    this.#axios ??= this.#load();
    const axios = await this.#axios;
    try {
      const {
        status,
        headers: answered,
        data,
      }: AxiosResponse<Buffer> = await axios.request({
        ...{ url: url.href, method: form === undefined ? 'GET' : 'POST', data: form?.toString() },
        ...{ headers: { ...headers, ...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }) } },
        ...{ signal, maxContentLength: limit },
      });
      return { status, headers: textual(answered), url, bytes: data };
    } catch (error) {
      signal.throwIfAborted();
      throw faultOf(withoutSecrets(error, limit, hostOf(url)), hostOf(url));
    }
  }

  async #load(): Promise<AxiosInstance> {
    const { default: axios } = await import('axios');
    return axios.create({
      adapter: 'http',
      proxy: false,
      maxRedirects: 0,
      decompress: false, // a small answer that becomes a large one
      responseType: 'arraybuffer',
      transformResponse: (data: unknown) => data,
      validateStatus: () => true,
      timeout: this.idleMs,
      headers: { common: { Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': 'berth' } },
      httpAgent: this.wire.plain,
      httpsAgent: this.wire.secure,
    });
  }
}

/** The object that an answer is. Throws REMOTE_INVALID, also for one that would take long to read. */
export function jsonObject(bytes: Buffer, host: string): Readonly<Record<string, unknown>> {
  const { depth, values } = jsonShape(bytes);
  try {
    if (depth > deepest || values > mostValues) throw new Error('too much');
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // the same as any other JSON
  }
  throw invalidAnswer(host, 'what came is no JSON object');
}

function withoutSecrets(error: unknown, limit: number, host: string): unknown {
  const { message, code, cause } = error as Partial<Record<'message' | 'code', string>> & { readonly cause?: unknown };
  if (isFailure(cause)) return cause;
  if (code === 'ECONNABORTED') return new Stalled();
  if (message?.startsWith('maxContentLength')) return invalidAnswer(host, `the answer has more than ${limit} bytes`);
  if (code === undefined) return cause ?? new Error(message);
  return Object.assign(new Error(message), { code });
}

/** Headers that come once, by lower-case name. */
function textual(headers: AxiosResponse['headers']): Record<string, string | undefined> {
  const texts = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(texts);
}
