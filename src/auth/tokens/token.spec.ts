import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ann } from '../../../test/support/ann.js';
import { clock } from '../../async/clock.js';
import { isFailure } from '../../errors/failure.js';
import { asUser, byPassword } from '../authenticated.js';
import { SigningKeys } from '../keys/signing-keys.js';
import { HeldAccess } from './held-access.js';
import { TokenIssuer } from './token-issuer.js';
import { TokenVerifier } from './token-verifier.js';

const start = Date.parse('2026-01-01T00:00:00Z');
const seconds = 1000;
const settings = { service: 'berth', seconds: 300, graceSeconds: 3600 };
const byAnn = asUser(ann, byPassword);
const access = [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }];

const here = '192.0.2.1';

let now: number;
clock.wall = () => now;

let folder: string;
let keys: SigningKeys;
let held: HeldAccess;
let issuer: TokenIssuer;
let verifier: TokenVerifier;

beforeAll(async () => {
  now = start;
  folder = await mkdtemp(join(tmpdir(), 'berth-tokens-'));
  keys = await SigningKeys.open(join(folder, 'keys'), { overlapMs: 3_960_000 });
});

beforeEach(() => {
  now = start;
  held = new HeldAccess(3_660_000);
  issuer = new TokenIssuer(keys, held, settings);
  verifier = new TokenVerifier(keys, held, settings);
});

afterAll(() => rm(folder, { recursive: true }));

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part = ''): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString());

/** A token with our key and any header and claims. */
function signed(header: object, claims: object, key: KeyObject = keys.current.privateKey): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function claims(changes: object = {}): object {
  const iat = start / seconds;
  return {
    iss: 'berth',
    sub: 'ann',
    aud: 'berth',
    exp: iat + 300,
    nbf: iat - 30,
    iat,
    jti: 'x',
    access,
    uid: 7,
    cv: 3,
    ...changes,
  };
}

const header = (changes: object = {}): object => ({ alg: 'ES256', typ: 'JWT', kid: keys.current.kid, ...changes });

function refused(token: string): boolean {
  try {
    verifier.verify(token);
    return false;
  } catch (error) {
    if (isFailure(error, 'TOKEN_INVALID')) return true;
    throw error;
  }
}

describe('an issued token', () => {
  test('carries what Distribution 2.8 and 3 read', async () => {
    const { token, expiresInSeconds, issuedAt } = issuer.issue(byAnn, access, here);
    const [head, payload] = token.split('.').map((part, index) => (index < 2 ? decode(part) : {}));
    expect(head).toEqual({ alg: 'ES256', typ: 'JWT', kid: keys.current.kid, x5c: keys.current.x5c });
    expect(payload).toEqual({ ...claims(), jti: expect.any(String) });
    expect(expiresInSeconds).toBe(300);
    expect(issuedAt.getTime()).toBe(start);
  });

  test('is its own: two are never the same', async () => {
    const [first, second] = [issuer.issue(byAnn, access, here), issuer.issue(byAnn, access, here)];
    expect(first.token).not.toBe(second.token);
  });

  test('of nobody names nobody', async () => {
    const { token } = issuer.issue(undefined, [], here);
    const verified = verifier.verify(token);
    expect(verified.claims.sub).toBe('');
    expect(verified.claims.uid).toBeUndefined();
  });

  test('is small enough for a header, whatever its chain', async () => {
    expect(issuer.issue(byAnn, access, here).token.length).toBeLessThan(2048);
  });
});

describe('a verified token', () => {
  test('gives its claims, time and again', async () => {
    const { token } = issuer.issue(byAnn, access, here);
    for (const _ of [1, 2]) {
      expect(verifier.verify(token)).toMatchObject({ claims: { uid: 7, cv: 3, access }, expired: false });
    }
  });

  test('is good a minute past its end, then for pushes only, then for nothing', async () => {
    const { token } = issuer.issue(byAnn, access, here);
    now = start + 360 * seconds;
    expect(verifier.verify(token).expired).toBe(false);
    now += seconds;
    expect(verifier.verify(token).expired).toBe(true);
    now = start + (360 + 3600) * seconds;
    expect(verifier.verify(token).expired).toBe(true);
    now += seconds;
    expect(refused(token)).toBe(true);
  });

  test('is not good more than a minute before its time', () => {
    const token = signed(header(), claims({ nbf: start / seconds + 60 }));
    expect(refused(token)).toBe(false);
    now -= seconds;
    expect(refused(token)).toBe(true);
  });

  test('stays good however many others come by', async () => {
    const { token } = issuer.issue(byAnn, access, here);
    for (let count = 0; count < 2_100; count++) verifier.verify(signed(header(), claims({ jti: String(count) })));
    expect(refused(token)).toBe(false);
  });
});

test('a token outlives its key by all the time it may still count', async () => {
  const { token } = issuer.issue(byAnn, access, here);
  const old = keys.current.kid;
  await keys.rotate();
  const fresh = () => new TokenVerifier(keys, held, settings); // remembers nothing
  expect(fresh().verify(token).claims.uid).toBe(7);
  expect(decode(issuer.issue(byAnn, access, here).token.split('.')[0]).kid).not.toBe(old);
  now = start + (360 + 3600) * seconds - 1;
  expect(fresh().verify(token).expired).toBe(true);
  expect(keys.find(old)).toBeDefined();
  now += 1;
  expect(keys.find(old)).toBeUndefined();
});

test('of long tokens fewer are remembered', () => {
  let checked = 0;
  const counting = {
    find: (kid: string) => {
      checked++;
      return keys.find(kid);
    },
  };
  const checksOfTwice = (length: number): number => {
    const counted = new TokenVerifier(counting, held, settings);
    const jtis = Array.from({ length: 1_000 }, (_, i) => String(i).padStart(length));
    const tokens = jtis.map((jti) => signed(header(), claims({ jti })));
    checked = 0;
    for (const token of [...tokens, ...tokens]) counted.verify(token);
    return checked;
  };
  expect(checksOfTwice(10)).toBe(1_000);
  expect(checksOfTwice(8_000)).toBe(2_000); // they would take 40 MB
});

test('a remembered token lends its signature to no other', () => {
  const genuine = signed(header(), claims());
  verifier.verify(genuine);
  const [head, , signature] = genuine.split('.');
  expect(refused(`${head}.${encode(claims({ uid: 1 }))}.${signature}`)).toBe(true);
  expect(refused(genuine)).toBe(false);
});

describe('a forged token is refused', () => {
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const attackerJwk = () => attacker.publicKey.export({ format: 'jwk' });
  const publicPem = () => createPublicKey(keys.current.privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const hmac = (secret: string): string => {
    const text = `${encode({ alg: 'HS256', typ: 'JWT', kid: keys.current.kid })}.${encode(claims())}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const unsigned = (alg: string): string =>
    `${encode({ alg, typ: 'JWT', kid: keys.current.kid })}.${encode(claims())}.`;
  const ownClaims = (changes: object): string => signed(header(), claims(changes));

  test.each<[string, () => string]>([
    ['alg none', () => unsigned('none')],
    ['alg None', () => unsigned('None')],
    ['alg nOnE', () => unsigned('nOnE')],
    ['HS256 with the public key', () => hmac(publicPem())],
    ['HS256 with the public key, without its last newline', () => hmac(publicPem().trim())],
    ['ES256 in another spelling', () => signed(header({ alg: 'es256' }), claims())],
    ['another key under our kid', () => signed(header(), claims(), attacker.privateKey)],
    ['a jwk of the attacker', () => signed(header({ jwk: attackerJwk() }), claims(), attacker.privateKey)],
    [
      'a jwk of the attacker and no kid',
      () => signed({ alg: 'ES256', typ: 'JWT', jwk: attackerJwk() }, claims(), attacker.privateKey),
    ],
    [
      'an x5c of the attacker',
      () => signed({ alg: 'ES256', typ: 'JWT', x5c: ['MIIB'] }, claims(), attacker.privateKey),
    ],
    ['our x5c without kid', () => signed({ alg: 'ES256', typ: 'JWT', x5c: keys.current.x5c }, claims())],
    ['kid as a path', () => signed(header({ kid: '../../dev/null' }), claims())],
    ['kid as SQL', () => signed(header({ kid: "' OR 1=1--" }), claims())],
    ['kid as an object', () => signed(header({ kid: { toString: keys.current.kid } }), claims())],
    ['kid __proto__', () => signed(header({ kid: '__proto__' }), claims())],
    ['an unknown crit', () => signed(header({ crit: ['b64'] }), claims())],
    ['another typ', () => signed(header({ typ: 'session' }), claims())],
    ['no audience', () => ownClaims({ aud: undefined })],
    ['another audience', () => ownClaims({ aud: 'berth-console' })],
    ['a list of audiences', () => ownClaims({ aud: ['berth'] })],
    ['another issuer', () => ownClaims({ iss: 'somebody' })],
    ['no end', () => ownClaims({ exp: undefined })],
    ['an end that is no number', () => ownClaims({ exp: '9999999999' })],
    ['no access', () => ownClaims({ access: undefined })],
    ['access of another shape', () => ownClaims({ access: [{ actions: ['*'] }] })],
    ['an account without its generation', () => ownClaims({ cv: undefined })],
    ['one changed letter', () => ownClaims({}).replace(/\.(.)/, (_all, letter) => `.${letter === 'e' ? 'f' : 'e'}`)],
    ['characters that decoding reads past', () => `${ownClaims({})}!`],
    ['a space in it', () => ownClaims({}).replace('.', ' .')],
    ['a fourth part', () => `${ownClaims({})}.x`],
    ['nothing', () => ''],
    ['dots', () => '..'],
    ['a JSON array', () => `${encode([])}.${encode([])}.x`],
    ['a megabyte', () => 'a'.repeat(1_000_000)],
  ])('%s', (_name, forge) => {
    expect(refused(forge())).toBe(true);
  });

  test('and the way it is made here is otherwise accepted', () => {
    expect(refused(signed(header(), claims()))).toBe(false);
  });
});
