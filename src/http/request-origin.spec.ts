import type { IncomingMessage } from 'node:http';
import { clientAddress, requestHost, requestOrigin, requestScheme } from './request-origin.js';

const loopback = { publicUrl: undefined, trustedProxies: ['127.0.0.0/8', '::1/128', '10.0.0.0/8'] };
const publicly = { ...loopback, publicUrl: new URL('https://registry.example.com') };

/** As much of a request as the functions read. */
function request(headers: Record<string, string>, socket: Record<string, unknown> = {}): IncomingMessage {
  const all = { remoteAddress: '127.0.0.1', localAddress: '192.168.1.5', localPort: 5000, ...socket };
  return { headers, socket: all } as unknown as IncomingMessage;
}

describe('requestOrigin', () => {
  test.each([
    ['the Host header', { host: 'r.lan:5000' }, {}, loopback, 'http://r.lan:5000'],
    ['our own TLS', { host: 'r.lan' }, { encrypted: true }, loopback, 'https://r.lan'],
    [
      'the public URL before everything',
      { host: 'evil', 'x-forwarded-host': 'evil' },
      {},
      publicly,
      'https://registry.example.com',
    ],
    [
      'a trusted proxy',
      { host: 'in', 'x-forwarded-host': 'r.lan:8443', 'x-forwarded-proto': 'https' },
      {},
      loopback,
      'https://r.lan:8443',
    ],
    [
      'the proxy nearest to the client',
      { host: 'r.lan', 'x-forwarded-proto': 'https, http' },
      {},
      loopback,
      'https://r.lan',
    ],
    [
      'nobody untrusted',
      { host: 'r.lan', 'x-forwarded-host': 'evil', 'x-forwarded-proto': 'https' },
      { remoteAddress: '192.0.2.1' },
      loopback,
      'http://r.lan',
    ],
    [
      'the port a trusted proxy names, where the host has none',
      { host: 'r.lan', 'x-forwarded-port': '8443', 'x-forwarded-proto': 'https' },
      {},
      loopback,
      'https://r.lan:8443',
    ],
    [
      'the same of a forwarded host, and of an IPv6 address',
      { host: 'in:5000', 'x-forwarded-host': '[fd00::5]', 'x-forwarded-port': '8080, 80' },
      {},
      loopback,
      'http://[fd00::5]:8080',
    ],
    [
      'the port of the host before it',
      { host: 'r.lan:5000', 'x-forwarded-port': '8443' },
      {},
      loopback,
      'http://r.lan:5000',
    ],
    [
      'no port that the scheme has anyway',
      { host: 'r.lan', 'x-forwarded-port': '443', 'x-forwarded-proto': 'https' },
      {},
      loopback,
      'https://r.lan',
    ],
    ['the port of the other scheme', { host: 'r.lan', 'x-forwarded-port': '443' }, {}, loopback, 'http://r.lan:443'],
    ...['', '0', '70000', '80a', '-1', '8443"', '08443'].map(
      (port): [string, Record<string, string>, Record<string, unknown>, typeof loopback, string] => [
        `no port that is none (${port})`,
        { host: 'r.lan', 'x-forwarded-port': port },
        {},
        loopback,
        'http://r.lan',
      ],
    ),
    [
      'no port that somebody untrusted names',
      { host: 'r.lan', 'x-forwarded-port': '8443' },
      { remoteAddress: '192.0.2.1' },
      loopback,
      'http://r.lan',
    ],
    ['an IPv6 host', { host: '[::1]:5000' }, {}, loopback, 'http://[::1]:5000'],
    ['the connection, without a Host', {}, {}, loopback, 'http://192.168.1.5:5000'],
    [
      'the connection, IPv4 on an IPv6 socket',
      {},
      { localAddress: '::ffff:192.168.1.5' },
      loopback,
      'http://192.168.1.5:5000',
    ],
    ['the connection, on IPv6', {}, { localAddress: 'fd00::5' }, loopback, 'http://[fd00::5]:5000'],
  ])('follows %s', (_name, headers, socket, config, expected) => {
    expect(requestOrigin(request(headers, socket), config)).toBe(expected);
  });

  test.each(['a"b', 'a b', 'a/b', 'user@host', 'a\r\nX: y', '', 'a:port', '[::1', 'a,b'])(
    'does not repeat the Host %j',
    (host) => {
      expect(requestHost(request({ host }), loopback)).toBe('192.168.1.5:5000');
    },
  );

  test('the public URL says nothing about the scheme of this request', () => {
    expect(requestScheme(request({ host: 'r' }), publicly)).toBe('http');
  });
});

describe('clientAddress', () => {
  test.each([
    ['the peer', {}, { remoteAddress: '192.0.2.7' }, '192.0.2.7'],
    ['the peer, whatever it claims', { 'x-forwarded-for': '1.2.3.4' }, { remoteAddress: '192.0.2.7' }, '192.0.2.7'],
    ['what a trusted proxy saw', { 'x-forwarded-for': '192.0.2.7' }, {}, '192.0.2.7'],
    ['the nearest that is no proxy of ours', { 'x-forwarded-for': '1.2.3.4, 192.0.2.7, 10.0.0.9' }, {}, '192.0.2.7'],
    ['the last known one when the list is nonsense', { 'x-forwarded-for': 'unknown, 10.0.0.9' }, {}, '10.0.0.9'],
    ['the proxy itself without a list', {}, {}, '127.0.0.1'],
    ['IPv4 on an IPv6 socket', {}, { remoteAddress: '::ffff:192.0.2.7' }, '192.0.2.7'],
    ['IPv6', { 'x-forwarded-for': '2001:db8::1' }, { remoteAddress: '::1' }, '2001:db8::1'],
  ])('is %s', (_name, headers, socket, expected) => {
    expect(clientAddress(request(headers, socket), loopback)).toBe(expected);
  });
});
