import type { Request } from 'express';
import { isFailure } from '../../errors/failure.js';
import type { AddressConfig } from '../request-origin.js';
import { Csrf } from './csrf.js';

const config: AddressConfig = { publicUrl: undefined, trustedProxies: [] };
const key = Buffer.alloc(32, 7);
const csrf = new Csrf(key, config);
const user = { sid: 'secret', via: 'cookie' };

interface Given {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, unknown>;
  readonly user?: { readonly sid: string; readonly via: string };
}

/** As much of a request as the check reads. */
function request({ method = 'POST', headers = {}, body, user: who }: Given): Request {
  return {
    method,
    headers: { host: 'r.lan:5000', ...headers },
    body,
    user: who,
    socket: { remoteAddress: '192.0.2.1' },
  } as unknown as Request;
}

function passes(given: Given, tokenNeeded = true, subject = csrf): boolean {
  try {
    subject.check(request(given), { tokenNeeded });
    return true;
  } catch (error) {
    if (isFailure(error, 'CSRF_FAILED')) return false;
    throw error;
  }
}

const token = csrf.token(request({ user })) ?? '';

describe('the token', () => {
  test('belongs to the session and the installation', () => {
    expect(csrf.token(request({ user }))).toBe(token);
    expect(csrf.token(request({ user: { ...user, sid: 'other' } }))).not.toBe(token);
    expect(new Csrf(Buffer.alloc(32, 8), config).token(request({ user }))).not.toBe(token);
    expect(csrf.token(request({}))).toBeUndefined();
  });

  test.each<[string, Given, boolean]>([
    ['in the header', { headers: { 'x-csrf-token': token } }, true],
    ['in the form', { body: { _csrf: token } }, true],
    ['missing', {}, false],
    ['wrong', { headers: { 'x-csrf-token': `${token}x` } }, false],
    ['empty', { headers: { 'x-csrf-token': '' } }, false],
    ['of another shape', { body: { _csrf: [token] } }, false],
    ['not needed to read', { method: 'GET' }, true],
    ['not needed with a bearer', { user: { ...user, via: 'bearer' } }, true],
  ])('%s', (_name, given, expected) => {
    expect(passes({ user, ...given })).toBe(expected);
  });

  test('is taken out of the form once it was checked', () => {
    const body = { _csrf: token, name: 'x' };
    expect(passes({ user, body })).toBe(true);
    expect(body).toEqual({ name: 'x' });
  });
});

describe('the origin, with the right token or without a session', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['none, as from no browser', {}, true],
    ['ours', { origin: 'http://r.lan:5000' }, true],
    ['ours by a proxy that hides https', { origin: 'https://r.lan:5000' }, true],
    ['ours on a default port', { host: 'r.lan:80', origin: 'http://r.lan' }, true],
    ['null', { origin: 'null' }, false],
    ['another host', { origin: 'http://evil' }, false],
    ['another port', { origin: 'http://r.lan:5001' }, false],
    ['a look-alike', { origin: 'http://r.lan:5000.evil' }, false],
    ['empty', { origin: '' }, false],
    ['a file', { origin: 'file://' }, false],
    ['same-origin by the browser', { 'sec-fetch-site': 'same-origin' }, true],
    ['same-site by the browser', { 'sec-fetch-site': 'same-site' }, false],
    [
      'cross-site by the browser, whatever Origin says',
      { 'sec-fetch-site': 'cross-site', origin: 'http://r.lan:5000' },
      false,
    ],
  ])('%s', (_name, headers, expected) => {
    expect(passes({ user, headers: { 'x-csrf-token': token, ...headers } })).toBe(expected);
    expect(passes({ headers }, false)).toBe(expected);
  });

  test('the public URL is ours as well', () => {
    const behindProxy = new Csrf(key, { ...config, publicUrl: new URL('https://registry.example.com') });
    expect(passes({ headers: { origin: 'https://registry.example.com' } }, false, behindProxy)).toBe(true);
    expect(passes({ headers: { origin: 'https://example.com' } }, false, behindProxy)).toBe(false);
  });
});
