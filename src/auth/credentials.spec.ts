import { accessToken, ann } from '../../test/support/ann.js';
import { isFailure } from '../errors/failure.js';
import { makeSecret } from '../users/tokens/secret.js';
import type { SecretOwner } from '../users/tokens/secret-credentials.js';
import { Credentials, parseBasic, parseBearer } from './credentials.js';
import { SignInLimiter } from './sign-in-limiter.js';

describe('parseBasic', () => {
  const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    [header('ann:secret'), { username: 'ann', password: 'secret' }],
    [header('ann:a:b'), { username: 'ann', password: 'a:b' }],
    [header('ann:'), { username: 'ann', password: '' }],
    [header('ann:пароль'), { username: 'ann', password: 'пароль' }],
    [header('ann:x').replace('Basic', 'bAsIc'), { username: 'ann', password: 'x' }],
    [header('ann'), undefined],
    ['Basic', undefined],
    ['Basic !!!notb64', undefined],
    ['Bearer abc', undefined],
    ['', undefined],
  ])('%s', (text, expected) => expect(parseBasic(text)).toEqual(expected));
});

test.each([
  ['Bearer a.b-c_d', 'a.b-c_d'],
  ['bearer abc==', 'abc=='],
  ['Bearer a b', undefined],
  ['Bearer ', undefined],
  ['Basic abc', undefined],
])('parseBearer(%j)', (text, expected) => expect(parseBearer(text)).toBe(expected));

describe('Credentials', () => {
  const silent = { succeeded: () => undefined, failed: () => undefined };
  const bob = { ...ann, id: 8, username: 'bob', mustChangePassword: true };
  const passwords = {
    check: async (username: string, password: string) =>
      password === 'right' ? [ann, bob].find((user) => user.username === username) : undefined,
  };
  const known = makeSecret('token').secret;
  const owner: SecretOwner = { kind: 'token', user: ann, token: accessToken([]) };
  const secrets = {
    check: (secret: string, { name }: { name?: string }) =>
      secret === known && (name === undefined || name === 'ann') ? owner : undefined,
  };
  const credentials = () =>
    new Credentials(passwords, secrets, new SignInLimiter({ failures: 2, windowMs: 60_000 }), silent);
  const failureOf = async (attempt: () => unknown) => {
    const error = await new Promise((resolve) => resolve(attempt())).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return isFailure(error) ? `${error.code}: ${error.message}` : error;
  };

  test('gives the user of a right password', async () => {
    expect(await credentials().check({ username: 'ann', password: 'right' }, 'a')).toBe(ann);
  });

  test('tells a wrong password and an unknown user apart by nothing', async () => {
    const wrong = await failureOf(() => credentials().check({ username: 'ann', password: 'wrong' }, 'a'));
    const unknown = await failureOf(() => credentials().check({ username: 'eve', password: 'wrong' }, 'a'));
    expect(wrong).toBe('UNAUTHORIZED: wrong username or password');
    expect(unknown).toBe(wrong);
  });

  test('refuses after too many failures, the right password too, and from that address only', async () => {
    const subject = credentials();
    for (const _ of [1, 2]) await failureOf(() => subject.check({ username: 'ann', password: 'wrong' }, 'a'));
    expect(await failureOf(() => subject.check({ username: 'ann', password: 'right' }, 'a'))).toMatch(
      /^TOO_MANY_REQUESTS/,
    );
    expect(await subject.check({ username: 'ann', password: 'right' }, 'b')).toBe(ann);
  });

  test('sends registry clients to the console to change a password, but only with the right one', async () => {
    const subject = credentials();
    expect(await failureOf(() => subject.checkForRegistry({ username: 'bob', password: 'right' }, 'a'))).toMatch(
      /^UNAUTHORIZED: .*change your password/,
    );
    expect(await failureOf(() => subject.checkForRegistry({ username: 'bob', password: 'wrong' }, 'a'))).toBe(
      'UNAUTHORIZED: wrong username or password',
    );
    expect(await subject.check({ username: 'bob', password: 'right' }, 'a')).toBe(bob);
  });

  test('does not count a password that nobody can have', async () => {
    const subject = credentials();
    const tooLong = { username: 'ann', password: 'x'.repeat(1025) };
    for (let attempt = 0; attempt < 5; attempt++)
      expect(await failureOf(() => subject.check(tooLong, 'a'))).toBe('UNAUTHORIZED: wrong username or password');
    expect(await subject.check({ username: 'ann', password: 'right' }, 'a')).toBe(ann);
  });

  test('does not tell which of many guesses at once was right', async () => {
    const subject = credentials();
    const guesses = ['wrong', 'worse', 'right'].map((password) =>
      failureOf(() => subject.check({ username: 'ann', password }, 'a')),
    );
    expect(await Promise.all(guesses)).toEqual([
      'UNAUTHORIZED: wrong username or password',
      'UNAUTHORIZED: wrong username or password',
      expect.stringMatching(/^TOO_MANY_REQUESTS/),
    ]);
  });

  describe('a secret in place of the password', () => {
    test('is its owner, answered at once', () => {
      expect(credentials().checkForRegistry({ username: 'ann', password: known }, 'a')).toMatchObject({
        principal: { kind: 'user', id: 7, name: 'ann' },
        credential: { kind: 'pat', id: 12, generation: 2 },
        narrowedTo: undefined,
      });
    });

    test('under another name, and one that nobody has, are refused alike and lock nobody out', async () => {
      const subject = credentials();
      const unknown = makeSecret('token').secret;
      for (let attempt = 0; attempt < 5; attempt++) {
        for (const given of [
          { username: 'bob', password: known },
          { username: 'ann', password: unknown },
          { username: 'nobody', password: unknown },
          { username: 'ann', password: makeSecret('refresh').secret },
        ])
          expect(await failureOf(() => subject.checkForRegistry(given, 'a'))).toBe(
            'UNAUTHORIZED: wrong username or password',
          );
      }
      expect(await subject.check({ username: 'ann', password: 'right' }, 'a')).toBe(ann);
    });

    test('with a mistyped checksum is a password, and counts as one', async () => {
      const subject = credentials();
      const mistyped = `${known.slice(0, -1)}${known.endsWith('a') ? 'b' : 'a'}`;
      for (const _ of [1, 2])
        await failureOf(() => subject.checkForRegistry({ username: 'ann', password: mistyped }, 'a'));
      expect(await failureOf(() => subject.check({ username: 'ann', password: 'right' }, 'a'))).toMatch(
        /^TOO_MANY_REQUESTS/,
      );
    });
  });
});
