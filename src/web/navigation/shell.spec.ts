import type { Request, Response } from 'express';
import { clock } from '../../async/clock.js';
import { Flashes } from './flash.js';
import { Form } from './form.js';
import { initials } from './shell.js';

test.each([
  [{ username: 'linwei', fullName: '林薇' }, '林'],
  [{ username: 'ravi.patel', fullName: null }, 'RP'],
  [{ username: 'ravi', fullName: 'Ravi Patel' }, 'RP'],
  [{ username: 'admin', fullName: '' }, 'AD'],
  [{ username: 'a', fullName: null }, 'A'],
  [{ username: '9', fullName: ' ' }, '?'],
])('initials of %j', (user, expected) => expect(initials(user)).toBe(expected));

describe('flash', () => {
  /** The cookie jar of a browser, as far as these two look at it. */
  function browser(user?: { readonly id: number }) {
    const jar: Record<string, string> = {};
    const request = { cookies: jar, ...(user && { user: { principal: user } }) } as unknown as Request;
    const response = {
      req: request,
      cookie: (name: string, value: string) => {
        jar[name] = value;
      },
      clearCookie: (name: string) => {
        delete jar[name];
      },
    } as unknown as Response;
    return { request, response, jar };
  }
  let now = 0;
  clock.wall = () => now;
  const flashes = new Flashes(Buffer.from('key'));
  const saved = { tone: 'ok', key: 'userSaved', values: { name: '林薇' } } as const;

  test('is told once', () => {
    const { request, response } = browser({ id: 1 });
    flashes.leave(response, saved);
    expect(flashes.take(request, response)).toEqual(saved);
    expect(flashes.take(request, response)).toBeUndefined();
  });

  test.each(['', 'x', '.', 'x.x', '{}', 'null', '{"flash":{"tone":"ok","key":"a"},"until":9e99}'])(
    'a planted %j is nothing, and neither is one of another key',
    (text) => {
      const { request, response, jar } = browser();
      for (const planted of [
        text,
        Buffer.from(text).toString('base64url'),
        `${Buffer.from(text).toString('base64url')}.x`,
      ]) {
        jar.flash = planted;
        expect(flashes.take(request, response)).toBeUndefined();
      }
      new Flashes(Buffer.from('another')).leave(response, saved);
      expect(flashes.take(request, response)).toBeUndefined();
    },
  );

  test('is for whom it was left, and for a minute', () => {
    const [mallory, ann, nobody] = [browser({ id: 1 }), browser({ id: 2 }), browser()];
    flashes.leave(mallory.response, saved);
    const planted = mallory.jar.flash ?? '';
    for (const { request, response, jar } of [ann, nobody]) {
      jar.flash = planted;
      expect(flashes.take(request, response)).toBeUndefined();
    }
    now += 60_001;
    expect(flashes.take(mallory.request, mallory.response)).toBeUndefined();
  });
});

test('a form answers with text, whatever was sent', () => {
  const form = new Form({ a: ' x ', list: ['1', '2'], object: { toString: 'y' }, n: 7 });
  expect([form.text('a'), form.secret('a'), form.text('list'), form.text('object'), form.text('n')]).toEqual([
    'x',
    ' x ',
    '',
    '',
    '',
  ]);
  expect([form.all('a'), form.all('list'), form.all('none')]).toEqual([[' x '], ['1', '2'], []]);
  expect(new Form(undefined).text('a')).toBe('');
});
