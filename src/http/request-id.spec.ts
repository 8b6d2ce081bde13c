import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { requestId } from './request-id.js';

function requestWith(id?: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  if (id !== undefined) request.headers['x-request-id'] = id;
  return request;
}

test('a proper one of the client is kept', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/), (id) => expect(requestId(requestWith(id))).toBe(id)),
  );
});

test.each(['', 'a b', 'x'.repeat(65), 'a\nb', 'é', '"'])('%p is replaced', (id) => {
  const request = requestWith(id);
  expect(requestId(request)).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
  expect(requestId(request)).toBe(requestId(request));
});

test('ours differ', () => {
  expect(requestId(requestWith())).not.toBe(requestId(requestWith()));
});
