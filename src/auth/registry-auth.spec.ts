import { ann } from '../../test/support/ann.js';
import { isFailure } from '../errors/failure.js';
import type { User } from '../users/user.js';
import { Credentials } from './credentials.js';
import type { Identity } from './identity.js';
import { type RegistryTokenClaims, tokenIssuer } from './realm/registry-token.js';
import type { VerifiedToken } from './realm/token-verifier.js';
import { RegistryAuth } from './registry-auth.js';
import { SignInLimiter } from './sign-in-limiter.js';

const access = [{ type: 'repository', name: 'team/app', actions: ['pull'] }];
const principal = { kind: 'user', id: 7, name: 'ann', role: 'user' };
const basic = `Basic ${Buffer.from('ann:right').toString('base64')}`;

/** The class under test over accounts in memory; every token it is shown is genuine and of `uid`. */
function registryAuth(user: User | undefined, { uid, expired = false }: { uid?: number; expired?: boolean } = {}) {
  const claims: RegistryTokenClaims = {
    ...{ iss: tokenIssuer, sub: 'ann', aud: 'berth', exp: 2, nbf: 0, iat: 1, jti: 'x', access },
    ...(uid !== undefined && { uid, cv: 3 }),
  };
  const verifier = { verify: (): VerifiedToken => ({ claims, expired }) };
  const passwords = { check: async (_name: string, password: string) => (password === 'right' ? user : undefined) };
  const limiter = new SignInLimiter({ failures: 1, windowMs: 60_000 });
  return new RegistryAuth(
    { findById: (id) => (id === user?.id ? user : undefined) },
    verifier,
    new Credentials(passwords, limiter),
  );
}

async function failure(attempt: () => Identity | Promise<Identity>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return isFailure(error) ? error.code : String(error);
  }
}

describe('a bearer token', () => {
  test('is answered at once with account, access and subject', () => {
    expect(registryAuth(ann, { uid: 7 }).identify('Bearer t')).toEqual({
      ...{ principal, via: 'token', access, expired: false, subject: 'user:7' },
    });
  });

  test('past its end is marked', () => {
    expect(registryAuth(ann, { uid: 7, expired: true }).identify('Bearer t')).toMatchObject({
      expired: true,
      subject: 'user:7',
    });
  });

  test('of nobody is anonymous', () => {
    expect(registryAuth(ann).identify('Bearer t')).toMatchObject({
      principal: { kind: 'anonymous' },
      via: 'token',
      access,
      subject: 'anonymous',
    });
  });

  test.each<[string, User | undefined]>([
    ['removed', undefined],
    ['disabled', { ...ann, enabled: false }],
    ['given another password', { ...ann, credentialVersion: 4 }],
    ['told to change the password', { ...ann, mustChangePassword: true }],
  ])('of an account that was %s is refused', async (_name, user) => {
    expect(await failure(() => registryAuth(user, { uid: 7 }).identify('Bearer t'))).toBe('TOKEN_INVALID');
  });

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'bearer ü'])('%j is no token', async (header) => {
    expect(await failure(() => registryAuth(ann, { uid: 7 }).identify(header))).toBe('TOKEN_INVALID');
  });
});

describe('Basic credentials', () => {
  test('name the user, without a token to limit what they may', async () => {
    expect(await registryAuth(ann).identify(basic)).toEqual({
      principal,
      via: 'basic',
      access: [],
      expired: false,
      subject: 'user:7',
    });
  });

  test.each(['Basic !!!notb64', 'Basic', 'Digest x', ''])('%j is refused', async (header) => {
    expect(await failure(() => registryAuth(ann).identify(header))).toBe('UNAUTHORIZED');
  });

  test('that are wrong count against the address they came from', async () => {
    const auth = registryAuth(ann);
    const wrong = `Basic ${Buffer.from('ann:wrong').toString('base64')}`;
    expect(await failure(() => auth.identify(wrong, () => 'a'))).toBe('UNAUTHORIZED');
    expect(await failure(() => auth.identify(basic, () => 'a'))).toBe('TOO_MANY_REQUESTS');
    expect(await failure(() => auth.identify(basic, () => 'b'))).toBeUndefined();
  });
});

test('no credentials are nobody', () => {
  expect(registryAuth(ann).identify(undefined)).toMatchObject({ via: 'anonymous', subject: 'anonymous', access: [] });
});
