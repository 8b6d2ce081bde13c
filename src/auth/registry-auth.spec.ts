import { accessToken, ann, refreshTokenOf } from '../../test/support/ann.js';
import { parsePattern } from '../access/pattern.js';
import { Failure, isFailure } from '../errors/failure.js';
import type { Robot } from '../users/robots/robot.js';
import type { SecretOwner } from '../users/tokens/secret-credentials.js';
import type { User } from '../users/user.js';
import { byPassword } from './authenticated.js';
import { Credentials } from './credentials.js';
import type { Identity } from './identity.js';
import { LiveHolder } from './live-holder.js';
import { RegistryAuth } from './registry-auth.js';
import { SignInLimiter } from './sign-in-limiter.js';
import { type RegistryTokenClaims, tokenIssuer } from './tokens/registry-token.js';
import type { VerifiedToken } from './tokens/token-verifier.js';

const access = [{ type: 'repository', name: 'team/app', actions: ['pull'] }];
const principal = { kind: 'user', id: 7, name: 'ann', role: 'user' };
const byAnn = { uid: 7, cv: 3 };
const basic = `Basic ${Buffer.from('ann:right').toString('base64')}`;

const claimsOf = (more: Partial<RegistryTokenClaims>): RegistryTokenClaims => ({
  ...{ iss: tokenIssuer, sub: 'ann', aud: 'berth', exp: 2, nbf: 0, iat: 1, jti: 'x', access },
  ...more,
});

interface World {
  readonly claims?: Partial<RegistryTokenClaims>;
  readonly expired?: boolean;
  readonly owner?: SecretOwner;
  readonly refreshToken?: string;
}

/** The class under test over accounts in memory; the token `t` is genuine and has these claims. */
function registryAuth(user: User | undefined, { claims = {}, expired = false, owner, refreshToken }: World = {}) {
  const verifier = {
    verify(token: string): VerifiedToken {
      if (token !== 't') throw new Failure('TOKEN_INVALID');
      const all = claimsOf(claims);
      return { claims: all, access: all.access, expired };
    },
  };
  const passwords = { check: async (_name: string, password: string) => (password === 'right' ? user : undefined) };
  const silent = { succeeded: () => undefined, failed: () => undefined };
  const limiter = new SignInLimiter({ failures: 1, windowMs: 60_000 });
  const holder = new LiveHolder(
    { findById: (id) => (id === user?.id ? user : undefined) },
    { stillGood: () => owner },
    { findById: async (id) => (id === refreshToken ? refreshTokenOf(ann, id) : undefined) },
  );
  return new RegistryAuth(holder, verifier, new Credentials(passwords, { check: () => undefined }, limiter, silent));
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
    expect(registryAuth(ann, { claims: byAnn }).identify('Bearer t')).toEqual({
      ...{ principal, credential: byPassword, via: 'token', access, expired: false, subject: 'user:7', generation: 3 },
    });
  });

  test('past its end is marked', () => {
    expect(registryAuth(ann, { claims: byAnn, expired: true }).identify('Bearer t')).toMatchObject({
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
    expect(await failure(() => registryAuth(user, { claims: byAnn }).identify('Bearer t'))).toBe('TOKEN_INVALID');
  });

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'bearer ü'])('%j is no token', async (header) => {
    expect(await failure(() => registryAuth(ann, { claims: byAnn }).identify(header))).toBe('TOKEN_INVALID');
  });
});

describe('a token of a personal access token', () => {
  const claims = { ...byAnn, cred: { kind: 'pat', id: 12, generation: 2 } } as const;
  const narrowing = [{ pattern: parsePattern('team/*'), actions: ['pull'] as const }];
  const owner: SecretOwner = { kind: 'token', user: ann, token: accessToken(narrowing) };

  test('is answered at once, narrowed as the access token is now', () => {
    expect(registryAuth(ann, { claims, owner }).identify('Bearer t')).toMatchObject({
      principal,
      credential: claims.cred,
      narrowedTo: narrowing,
    });
  });

  test.each<[string, SecretOwner | undefined]>([
    ['was revoked', undefined],
    ['got another secret', { ...owner, token: { ...owner.token, credentialVersion: 3 } }],
    ['belongs to somebody else', { ...owner, user: { ...ann, id: 8 } }],
    ['belongs to an account that was disabled meanwhile', { ...owner, user: { ...ann, credentialVersion: 4 } }],
    ['belongs to somebody who must change the password', { ...owner, user: { ...ann, mustChangePassword: true } }],
  ])('that %s is refused', async (_name, now) => {
    expect(await failure(() => registryAuth(ann, { claims, owner: now }).identify('Bearer t'))).toBe('TOKEN_INVALID');
  });
});

describe('a token of a robot', () => {
  const claims = { rid: 5, cv: 1, cred: { kind: 'robot', id: 9 } } as const;
  const robot: Robot = {
    ...{ id: 5, namespace: 'team', name: 'team+ci', description: '', enabled: true, credentialVersion: 1 },
    ...{ createdAt: new Date(0), updatedAt: new Date(0), expiresAt: null, secrets: [] },
  };
  const owner: SecretOwner = { kind: 'robot', robot, secretId: 9 };

  test('is the robot', () => {
    expect(registryAuth(undefined, { claims, owner }).identify('Bearer t')).toMatchObject({
      principal: { kind: 'robot', id: 5, name: 'team+ci' },
      subject: 'robot:5',
    });
  });

  test.each<[string, SecretOwner | undefined]>([
    ['has no such secret any more', undefined],
    ['was disabled meanwhile', { ...owner, robot: { ...robot, credentialVersion: 2 } }],
  ])('that %s is refused', async (_name, now) => {
    expect(await failure(() => registryAuth(undefined, { claims, owner: now }).identify('Bearer t'))).toBe(
      'TOKEN_INVALID',
    );
  });
});

test('a token of a refresh token ends with it', async () => {
  const claims = { ...byAnn, cred: { kind: 'refresh', id: 'r1' } } as const;
  expect(await registryAuth(ann, { claims, refreshToken: 'r1' }).identify('Bearer t')).toMatchObject({ principal });
  expect(await failure(() => registryAuth(ann, { claims }).identify('Bearer t'))).toBe('TOKEN_INVALID');
});

describe('Basic credentials', () => {
  test('name the user, without a token to limit what they may', async () => {
    expect(await registryAuth(ann).identify(basic)).toEqual({
      principal,
      credential: byPassword,
      via: 'basic',
      access: [],
      expired: false,
      subject: 'user:7',
      generation: 3,
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
