import fc from 'fast-check';
import {
  parseCount,
  parseDuration,
  parseFlag,
  parseNetworks,
  parseOrigin,
  parseSeconds,
  parseSecretKey,
  parseSize,
  parseTimeZone,
  unless,
  ValueError,
} from './values.js';

/** A parser either answers or throws ValueError, whatever it is given. */
function total(parse: (text: string) => unknown): void {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl(), fc.ipV6()), (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ValueError);
      }
    }),
  );
}

test.each([
  parseSize,
  parseDuration,
  parseSeconds(60, 3600),
  parseCount(0, 9),
  parseFlag,
  parseOrigin,
  parseNetworks,
  parseTimeZone,
  parseSecretKey,
])('%p answers or throws ValueError for every text', total);

describe('sizes', () => {
  const factors = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

  test('are a count times a unit, however the unit is written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8000 }),
        fc.constantFrom(...Object.entries(factors)),
        fc.constantFrom('', ' '),
        fc.boolean(),
        (count, [unit, factor], gap, lower) => {
          expect(parseSize(`${count}${gap}${lower ? unit.toLowerCase() : unit}`)).toBe(count * factor);
        },
      ),
    );
  });

  test('without a unit are bytes', () => {
    fc.assert(fc.property(fc.integer({ min: 1 }), (bytes) => expect(parseSize(String(bytes))).toBe(bytes)));
  });

  test.each(['', '0', '-1', '1.5GiB', '64M', '64Mi', 'MiB', '1e3', '٣MB', '9999999999999999', '9000TiBB', '64MiB 1'])(
    '%p is none',
    (text) => expect(() => parseSize(text)).toThrow(ValueError),
  );
});

describe('durations', () => {
  const parts = fc.record({
    d: fc.nat(300),
    h: fc.nat(300),
    m: fc.nat(300),
    s: fc.nat(300),
    ms: fc.nat(3000),
  });

  test('are the sum of their parts', () => {
    fc.assert(
      fc.property(parts, ({ d, h, m, s, ms }) => {
        const total = (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + ms;
        fc.pre(total > 0);
        expect(parseDuration(`${d}d${h}h${m}m${s}s${ms}ms`)).toBe(total);
      }),
    );
  });

  test('without a unit are seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 315_360_000 }), (seconds) =>
        expect(parseDuration(String(seconds))).toBe(seconds * 1000),
      ),
    );
  });

  test.each(['', '0', '0s', 's', '1.5h', '-1s', '15 m', '1w', '1h 30m', '3651d', '999999999999d'])(
    '%p is none',
    (text) => expect(() => parseDuration(text)).toThrow(ValueError),
  );
});

describe('public addresses', () => {
  test('are read as they are written', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4());
    fc.assert(
      fc.property(fc.constantFrom('http', 'https'), host, fc.integer({ min: 1, max: 65_535 }), (scheme, name, port) => {
        const url = parseOrigin(`${scheme}://${name}:${port}`);
        expect([url.protocol, url.hostname]).toEqual([`${scheme}:`, name]);
        expect(Number(url.port) || (scheme === 'http' ? 80 : 443)).toBe(port);
      }),
    );
  });

  test('never carry a path, a query, a name or a password', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (text) => {
        fc.pre(!/^https?:\/\/[^/?#]*\/?$/.test(text));
        expect(() => parseOrigin(text)).toThrow(ValueError);
      }),
    );
    for (const text of ['http://a:b@host', 'ftp://host', 'host:5000', 'http://', 'http://ho st', 'http:\\\\host']) {
      expect(() => parseOrigin(text)).toThrow(ValueError);
    }
  });
});

describe('networks', () => {
  test('are addresses and blocks in any order', () => {
    const block = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, bits]) => `${address}/${bits}`),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1 }), (list) => expect(parseNetworks(list.join(', '))).toEqual(list)),
    );
  });

  test('have words for the usual ones', () => {
    expect(parseNetworks('loopback')).toEqual(['127.0.0.0/8', '::1/128']);
    expect(parseNetworks('none')).toEqual([]);
    expect(parseNetworks('private,1.2.3.4')).toContain('192.168.0.0/16');
  });

  test.each(['', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', '10.0.0/8', 'proxy.example', 'loopback,'])(
    '%p are none',
    (text) => expect(() => parseNetworks(text)).toThrow(ValueError),
  );
});

test('flags take the usual words', () => {
  expect(['true', 'YES', 'on', '1'].map(parseFlag)).toEqual([true, true, true, true]);
  expect(['false', 'No', 'off', '0'].map(parseFlag)).toEqual([false, false, false, false]);
  expect(() => parseFlag('perhaps')).toThrow('expected true or false');
});

test('a word may stand for none', () => {
  expect(unless('unlimited', parseSize)('Unlimited')).toBeUndefined();
  expect(unless('unlimited', parseSize)('1KiB')).toBe(1024);
});

test.each([
  'short',
  'x'.repeat(64),
  'change-me-change-me-change-me-change-me',
  'your-256-bit-secret-your-256-bit-secret',
  'django-insecure-3v5!kd8&a2m(q0w^z7x9c1b4',
])('the secret key %p is refused', (text) => expect(() => parseSecretKey(text)).toThrow(ValueError));

test('a random secret key is taken', () => {
  const key = 'Zk3v9pQ1xN7cT5bW2mY8rL4hD6gJ0sFaEuIoKqHnXwM=';
  expect(parseSecretKey(key)).toBe(key);
});
