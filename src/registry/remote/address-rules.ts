import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, isIPv4, isIPv6, type LookupFunction } from 'node:net';
import { Failure } from '../../errors/failure.js';

/** Every address of a name; `lookup` of node:dns does so. */
export type Resolve = (
  name: string,
  options: { readonly all: true; readonly family?: number | 'IPv4' | 'IPv6' },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Everything that stands for this machine, its link or the data of a cloud about it, and what is no address of one machine. */
const refused = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32], // metadata of Alibaba Cloud
  ['168.63.129.16', 32], // of Azure
  ['192.0.0.192', 32], // of Oracle Cloud
  ['224.0.0.0', 3], // groups, reserved, broadcast
] as const)
  refused.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 96],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32], // metadata of AWS
  ['fd20:ce::254', 128], // of Google Cloud
  ['2001::', 32], // addresses with an IPv4 address inside that is somebody else's gate
  ['2002::', 16],
] as const)
  refused.addSubnet(network, bits, 'ipv6');

/** Prefixes of IPv6 addresses whose last 32 bits are the IPv4 address that is reached. */
const embedding = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

/** Ports of other services than registries: below 1024 all but these two, and some that take any text for a command. */
const webPorts = new Set([80, 443]);
const commandPorts = new Set([2375, 2376, 6379]);

/**
 * Which addresses Berth connects to when somebody else says where: a registry by its settings, its realm, an upload, a redirect, a
 * next page. Private networks are allowed, because registries live there; this machine, its link and a cloud's metadata are not.
 */
export class AddressRules {
  /** @param allowed `host:port` that may be reached whatever their address is */
  constructor(
    private readonly allowed: readonly string[] = [],
    private readonly resolve: Resolve = lookup,
  ) {}

  /** Throws REMOTE_ADDRESS_REFUSED. A name passes here and is judged by what it resolves to, in {@link lookupFor}. */
  require(url: URL): void {
    const host = hostOf(url);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refusal(host, 'only http and https are spoken');
    if (url.username !== '' || url.password !== '') throw refusal(host, 'an address carries no credentials');
    if (this.#isAllowed(url.hostname, portOf(url))) return;
    const port = portOf(url);
    if ((port < 1024 && !webPorts.has(port)) || commandPorts.has(port))
      throw refusal(host, 'no registry is at that port');
    if (isIP(bare(url.hostname)) !== 0) requireAddress(bare(url.hostname));
  }

  /**
   * How the name of a connection is resolved. The addresses that come out of it are the ones connected to, so that none can be
   * exchanged between the check and the connection; one bad one among them is enough to refuse.
   */
  lookupFor(host: string, port: number): LookupFunction {
    const isAllowed = this.#isAllowed(host, port);
    return (name, options, done) => {
      this.resolve(name, { family: options.family, all: true }, (error, addresses) => {
        if (error !== null) return done(error, '', 0);
        try {
          if (!isAllowed) for (const { address } of addresses) requireAddress(address);
        } catch (refusal) {
          return done(refusal as Error, '', 0); // requireAddress throws nothing but Failures
        }
        const [first] = addresses;
        if (options.all || first === undefined) return done(null, addresses);
        done(null, first.address, first.family);
      });
    };
  }

  #isAllowed(host: string, port: number): boolean {
    return this.allowed.includes(`${host}:${port}`);
  }
}

/** `registry.example:5000`, as it is shown. */
export function hostOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function requireAddress(text: string): void {
  if (!isReachable(text.split('%', 1)[0] ?? ''))
    // without the zone of a link-local address
    throw refusal(text, 'addresses of this machine, of its link and of metadata are not connected to');
}

function isReachable(address: string): boolean {
  if (isIPv4(address)) return !refused.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  const groups = groupsOf(address);
  const embeds = embedding.some((prefix) => prefix.every((group, place) => group === groups[place]));
  return embeds ? isReachable(asIPv4(groups)) : !refused.check(address, 'ipv6');
}

/** The eight groups of 16 bits. */
function groupsOf(address: string): number[] {
  // URL writes an IPv4 tail as two groups; what is left out between the colons it leaves out.
  const [left = '', right] = bare(new URL(`http://[${address}]`).hostname).split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [numbers(left), numbers(right ?? '')];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function asIPv4(groups: readonly number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

function refusal(where: string, why: string): Failure {
  return new Failure('REMOTE_ADDRESS_REFUSED', { message: `${where}: ${why}` });
}
