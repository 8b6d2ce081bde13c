import { KnownPlaces } from './known-places.js';

describe('KnownPlaces', () => {
  test('knows an account where it signed in, and nobody else there, nor the account elsewhere', () => {
    const places = new KnownPlaces();
    places.add('ann', '192.0.2.1');
    places.add('bob', '192.0.2.2');
    expect(places.has('ann', '192.0.2.1')).toBe(true);
    expect(places.has('ann', '192.0.2.2')).toBe(false);
    expect(places.has('bob', '192.0.2.1')).toBe(false);
    expect(places.has('eve', '192.0.2.1')).toBe(false);
  });

  test('takes a /64 for one place', () => {
    const places = new KnownPlaces();
    places.add('ann', '2001:db8:0:1::1');
    expect(places.has('ann', '2001:db8:0:1:ffff::2')).toBe(true);
    expect(places.has('ann', '2001:db8:0:2::1')).toBe(false);
  });

  test('remembers the last sixteen places of an account, which cannot push out those of others', () => {
    const places = new KnownPlaces();
    places.add('ann', '192.0.2.1');
    for (let n = 0; n < 17; n++) {
      places.add('bob', `198.51.100.${n}`);
      places.add('bob', '198.51.100.0');
    }
    expect(places.has('ann', '192.0.2.1')).toBe(true);
    expect(places.has('bob', '198.51.100.0')).toBe(true);
    expect(places.has('bob', '198.51.100.1')).toBe(false);
    expect(places.has('bob', '198.51.100.2')).toBe(true);
  });
});
