import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Config } from '../config/config.js';
import { ownText } from '../text/own-text.js';

/** What of the configuration decides whose word on addresses counts. */
export type AddressConfig = Pick<Config, 'publicUrl' | 'trustedProxies'>;

const hostGrammar = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Those that stand in no address. */
const usualPorts = { http: '80', https: '443' } as const;

/**
 * `scheme://host[:port]` under which the client reached us: BERTH_PUBLIC_URL, else what a trusted proxy forwarded, else
 * the Host header. A Host outside the grammar is replaced by the address the connection came in on, so nothing a client
 * writes there can break out of a header or a page.
 */
export function requestOrigin(request: IncomingMessage, config: AddressConfig): string {
  return config.publicUrl?.origin ?? `${requestScheme(request, config)}://${requestHost(request, config)}`;
}

/** Whether the browser sees HTTPS: by our own TLS, or by a trusted proxy's `X-Forwarded-Proto`. Decides the cookie's name and flags. */
export function requestScheme(request: IncomingMessage, config: AddressConfig): 'http' | 'https' {
  if ('encrypted' in request.socket && request.socket.encrypted === true) return 'https';
  return firstForwarded(request, 'x-forwarded-proto', config)?.toLowerCase() === 'https' ? 'https' : 'http';
}

/** `host[:port]` of the request, always within the grammar; the port may be one that a trusted proxy names in `X-Forwarded-Port`. */
export function requestHost(request: IncomingMessage, config: AddressConfig): string {
  const host = firstForwarded(request, 'x-forwarded-host', config) ?? request.headers.host;
  if (host !== undefined && hostGrammar.test(host)) return withPort(host, request, config);
  const { localAddress = '127.0.0.1', localPort } = request.socket;
  const address = plainAddress(localAddress);
  return `${isIP(address) === 6 ? `[${address}]` : address}:${localPort}`;
}

function withPort(host: string, request: IncomingMessage, config: AddressConfig): string {
  const port = firstForwarded(request, 'x-forwarded-port', config) ?? '';
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535 || /:\d+$/.test(host)) return host;
  return port === usualPorts[requestScheme(request, config)] ? host : `${host}:${port}`;
}

/**
 * The address of the client: the peer of the connection, or, behind trusted proxies, the nearest address in
 * `X-Forwarded-For` that is not one of them. Addresses further left are the client's own claim and are not read.
 */
export function clientAddress(request: IncomingMessage, config: AddressConfig): string {
  let address = plainAddress(request.socket.remoteAddress ?? '');
  const forwarded = headerText(request, 'x-forwarded-for')?.split(',') ?? [];
  while (isTrusted(address, config)) {
    const next = plainAddress(forwarded.pop()?.trim() ?? '');
    if (isIP(next) === 0) break;
    address = ownText(next); // limits remember it, and not the header that it is the end of
  }
  return address;
}

/** Whether the peer of the connection is a proxy whose headers count. */
export function isFromTrustedProxy({ socket }: Pick<IncomingMessage, 'socket'>, config: AddressConfig): boolean {
  return isTrusted(plainAddress(socket.remoteAddress ?? ''), config);
}

/** The value a trusted proxy nearest to the client wrote; undefined when the peer is not a trusted proxy. */
function firstForwarded(request: IncomingMessage, header: string, config: AddressConfig): string | undefined {
  const text = headerText(request, header);
  if (text === undefined || !isFromTrustedProxy(request, config)) return undefined;
  return text.split(',')[0]?.trim();
}

function headerText(request: IncomingMessage, header: string): string | undefined {
  const value = request.headers[header];
  return Array.isArray(value) ? value.join(',') : value;
}

/** IPv4 addresses that arrive on an IPv6 socket as `::ffff:10.0.0.1` are the IPv4 address. */
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

const lists = new WeakMap<readonly string[], TrustedList>();

function isTrusted(address: string, { trustedProxies }: AddressConfig): boolean {
  let list = lists.get(trustedProxies);
  if (list === undefined) {
    list = new TrustedList(trustedProxies);
    lists.set(trustedProxies, list);
  }
  return list.has(address);
}

/** Addresses whose answer is remembered: the same few peers ask again and again, and a look at the list costs microseconds. */
const mostRemembered = 1000;

class TrustedList {
  readonly #list: BlockList;
  readonly #known = new Map<string, boolean>();

  constructor(entries: readonly string[]) {
    this.#list = trustedList(entries);
  }

  has(address: string): boolean {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const family = isIP(address);
    const trusted = family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(address, trusted);
    return trusted;
  }
}

function trustedList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
