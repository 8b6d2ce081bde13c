import { isIPv6 } from 'node:net';

/**
 * What limits by address count as one client: an IPv4 address as it is, an IPv6 address as its /64 in eight lower-case
 * groups (`2001:db8:0:1::/64`), because whoever has one address of a /64 has all of them (RFC 4291 §2.5.4). An IPv4
 * address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address. What is no address comes back unchanged.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const [plain = ''] = address.split('%', 1); // the zone of a link-local address
  if (!isIPv6(plain)) return plain;
  const mapped = /^(?:0{0,4}:){2,5}ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [left = '', right] = plain.split('::');
  const before = groups(left);
  const after = right === undefined ? [] : groups(right);
  const zeros = right === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const network = [...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

/** Groups of 16 bits; an IPv4 tail stands for two of them. */
function groups(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
