import type { LookupAddress } from 'node:dns';
import { outcomeOf } from '../../../test/support/outcome.js';
import { AddressRules } from './address-rules.js';

const outcome = (url: string, allowed: readonly string[] = []) =>
  outcomeOf(Promise.resolve().then(() => new AddressRules(allowed).require(new URL(url))));

test.each([
  ...['http://127.0.0.1', 'http://127.1', 'http://0', 'http://0.0.0.0:5000', 'http://2130706433', 'http://0x7f.1'],
  ...['http://017700000001', 'http://[::1]:5000', 'http://[::]', 'http://[::ffff:127.0.0.1]', 'http://[fe80::1]'],
  ...[
    'http://169.254.169.254',
    'http://[::ffff:a9fe:a9fe]',
    'http://[64:ff9b::169.254.169.254]',
    'http://[2002:7f00:1::]',
  ],
  ...[
    'http://[fd00:ec2::254]',
    'http://100.100.100.200',
    'http://224.0.0.1',
    'http://255.255.255.255',
    'http://[ff02::1]',
  ],
  ...['unix:/var/run/docker.sock', 'file:///etc/passwd', 'gopher://10.0.0.1', 'ftp://10.0.0.1', 'data:,x'],
  ...['http://user@10.0.0.1', 'http://:secret@10.0.0.1', 'http://10.0.0.1:22', 'http://10.0.0.1:25'],
  ...['http://10.0.0.1:2375', 'https://10.0.0.1:6379', 'http://registry.example:23'],
])('%s is refused', async (url) => {
  expect(await outcome(url)).toBe('REMOTE_ADDRESS_REFUSED');
});

test.each([
  ...['https://registry.example', 'http://registry.example:80', 'http://10.0.0.1:5000', 'https://192.168.1.2:8443'],
  ...['http://172.16.0.1', 'http://[fd12::1]:5000', 'http://[2001:db8::1]', 'http://[64:ff9b::10.0.0.1]'],
])('%s is fine', async (url) => {
  expect(await outcome(url)).toBe('done');
});

test('what is allowed by host and port is, and nothing else there', async () => {
  expect(await outcome('http://127.0.0.1:5000', ['127.0.0.1:5000'])).toBe('done');
  expect(await outcome('http://127.0.0.1:5001', ['127.0.0.1:5000'])).toBe('REMOTE_ADDRESS_REFUSED');
  expect(await outcome('ftp://127.0.0.1:5000', ['127.0.0.1:5000'])).toBe('REMOTE_ADDRESS_REFUSED');
});

describe('a name', () => {
  const resolving = (...addresses: string[]) =>
    new AddressRules(['here.example:5000'], (_name, _options, done) =>
      done(
        null,
        addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  const looked = (rules: AddressRules, host: string, all: boolean) =>
    new Promise((resolve) => {
      rules.lookupFor(host, 5000)(host, { all }, (error, found) => resolve(error ?? found));
    });

  test.each([
    ['127.0.0.1'],
    ['10.0.0.1', '169.254.169.254'],
    ['::ffff:127.0.0.1'],
    ['fe80::1%eth0'],
    ['::1'],
    ['nonsense'],
  ])('that resolves to %s %s is refused', async (...addresses) => {
    expect(await looked(resolving(...addresses), 'evil.example', true)).toMatchObject({
      code: 'REMOTE_ADDRESS_REFUSED',
    });
  });

  test('gives the addresses that were judged', async () => {
    const rules = resolving('10.0.0.1', 'fd12::1');
    const both = [
      { address: '10.0.0.1', family: 4 },
      { address: 'fd12::1', family: 6 },
    ];
    expect(await looked(rules, 'fine.example', true)).toEqual(both);
    expect(await looked(rules, 'fine.example', false)).toBe('10.0.0.1');
  });

  test('may be allowed', async () => {
    expect(await looked(resolving('127.0.0.1'), 'here.example', false)).toBe('127.0.0.1');
  });
});
