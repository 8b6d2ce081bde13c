import type { NetworkInterfaceInfo } from 'node:os';
import { reachableAt } from './reachable-at.js';

const at = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/24`,
});
const interfaces = {
  lo: [at('127.0.0.1', true)],
  eth0: [at('192.168.1.10'), { ...at('10.9.8.7'), address: 'fe80::1', family: 'IPv6' as const, scopeid: 2 }],
  wlan0: [at('10.0.0.7')],
  veth3: [at('192.168.77.1')],
  usb0: [at('169.254.3.4')],
  docker0: [at('172.17.0.1')],
  'br-5f2c0e': [at('172.18.0.1')],
};
const open = { host: '0.0.0.0', publicUrl: undefined, tls: undefined };

test('the addresses of the network cards, and nothing that only this machine reaches', () => {
  expect(reachableAt(open, 5000, interfaces)).toEqual([
    'http://192.168.1.10:5000',
    'http://10.0.0.7:5000',
    'http://192.168.77.1:5000',
  ]);
  const tls = { certFile: '/c', keyFile: '/k' };
  expect(reachableAt({ ...open, host: '::', tls }, 443, { eth0: interfaces.eth0 })).toEqual([
    'https://192.168.1.10:443',
  ]);
});

test('none where the operator has said which address it is', () => {
  expect(reachableAt({ ...open, host: '127.0.0.1' }, 5000, interfaces)).toEqual([]);
  expect(reachableAt({ ...open, publicUrl: new URL('https://berth.test') }, 5000, interfaces)).toEqual([]);
});
