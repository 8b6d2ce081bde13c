import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { BodyClock } from './body-clock.js';
import { Connection } from './connection.js';

/** A connection whose client has sent the head of this request and goes on as the test says; we make it wait until that second. */
function sending(method: string, url: string, waitsUntil = 0) {
  const socket = Object.assign(new PassThrough(), { received: 0 });
  Object.defineProperty(socket, 'bytesRead', { get: () => socket.received });
  const connection = new Connection(socket as never, false, 0); // of a socket only its counters are looked at
  const headers = { 'content-length': '10000000', authorization: 'Bearer x' };
  const request = { method, url, headers, complete: false, readableLength: 0, readableHighWaterMark: 65_536 };
  connection.request = request as unknown as IncomingMessage;
  let now = 0;
  const clock = new BodyClock(60_000, () => now < waitsUntil);
  /** The second at which the body is over, when so many bytes come every so often; undefined when that is not within a day. */
  const endsAt = (bytes: number, everySeconds: number): number | undefined => {
    for (let second = 0; second < 86_400; second++) {
      if (second % everySeconds === 0) socket.received += bytes;
      now = second;
      if (clock.isOver(connection, second * 1_000)) return second;
    }
    return undefined;
  };
  return { endsAt, request };
}

test.each([
  ['POST', '/api/v1/auth/login', 31],
  ['POST', '/sign-in', 31],
  ['POST', '/token', 31],
  ['GET', '/healthz', 31],
  ['PUT', '/v2/team/app/manifests/latest', 61],
])('a body of %s %s that trickles has its time and no more', (method, url, seconds) => {
  expect(sending(method, url).endsAt(1, 1)).toBe(seconds);
});

test.each([
  ['POST', '/api/v1/auth/login'],
  ['PUT', '/v2/team/app/manifests/latest'],
  ['PUT', '/v2/team/app/manifests/uploads/latest'],
])('a body of %s %s that comes at 5 KiB a second has all the time it needs', (method, url) => {
  expect(sending(method, url).endsAt(5 * 1024, 1)).toBeUndefined();
});

test.each([
  ['PATCH', '/v2/team/app/blobs/uploads/0b5e', 1, 30],
  ['PUT', '/v2/team/app/blobs/uploads/0b5e?digest=sha256:0', 1_024, 1],
  ['POST', '/v2/team/app/blobs/uploads/?digest=sha256:0', 1, 59],
])('a layer may take for ever (%s %s)', (method, url, bytes, seconds) => {
  expect(sending(method, url).endsAt(bytes, seconds)).toBeUndefined();
});

test.each(['/v2/team/app/blobs/uploads/0b5e', '/api/v1/users'])(
  'nobody may be silent for more than a minute (%s)',
  (url) => {
    expect(sending('PATCH', url).endsAt(0, 1)).toBe(url.startsWith('/v2') ? 61 : 31);
  },
);

test('a client is not blamed for what we do not read', () => {
  const { endsAt, request } = sending('PATCH', '/v2/team/app/blobs/uploads/0b5e');
  request.readableLength = 65_536;
  expect(endsAt(0, 1)).toBeUndefined();
});

test('the time for a body stands still while we make it wait for its turn', () => {
  expect(sending('PUT', '/v2/team/app/manifests/latest', 100).endsAt(1, 1)).toBe(160);
  expect(sending('PUT', '/v2/team/app/manifests/latest', 100).endsAt(0, 1)).toBe(160);
});
