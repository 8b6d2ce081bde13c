import type { Request, Response } from 'express';
import { leaveFlash, takeFlash } from './flash.js';
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
  function browser(): { request: Request; response: Response; jar: Record<string, string> } {
    const jar: Record<string, string> = {};
    const response = {
      cookie: (name: string, value: string) => {
        jar[name] = value;
      },
      clearCookie: (name: string) => {
        delete jar[name];
      },
    } as unknown as Response;
    return { request: { cookies: jar } as unknown as Request, response, jar };
  }

  test('is told once', () => {
    const { request, response } = browser();
    leaveFlash(response, { tone: 'ok', key: 'userSaved', values: { name: '林薇' } });
    expect(takeFlash(request, response)).toEqual({ tone: 'ok', key: 'userSaved', values: { name: '林薇' } });
    expect(takeFlash(request, response)).toBeUndefined();
  });

  test.each(['', 'x', '{}', '[]', 'null', '{"tone":"ok"}', '{"tone":"ok","key":"a.b"}', '{"tone":"x","key":"a"}'])(
    'a planted %j is nothing',
    (text) => {
      const { request, response, jar } = browser();
      jar.flash = Buffer.from(text).toString('base64url');
      expect(takeFlash(request, response)).toBeUndefined();
    },
  );
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
