import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { clock } from '../../async/clock.js';
import { StartupError } from '../../data-directory/startup-error.js';
import { isFailure } from '../../errors/failure.js';
import { SigningKeys } from './signing-keys.js';

const overlapMs = 60_000;
let parent: string;
let original: string;
let folder: string;
const begin = Date.parse('2026-01-01T00:00:00Z');
let now = begin;
clock.wall = () => now;

const open = () => SigningKeys.open(folder, { overlapMs });
const inFolder = (file: string) => join(folder, file);

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'berth-keys-'));
  original = join(parent, 'original');
  await SigningKeys.open(original, { overlapMs });
});

beforeEach(async () => {
  now = begin;
  folder = join(parent, 'keys');
  await rm(folder, { recursive: true, force: true });
  await cp(original, folder, { recursive: true });
});

afterAll(() => rm(parent, { recursive: true }));

test('makes the keys once, readable by the owner only', async () => {
  await rm(folder, { recursive: true });
  const first = await open();
  const second = await open();
  expect(second.jwks()).toEqual(first.jwks());
  expect((await readdir(parent)).sort()).toEqual(['keys', 'original']);
  expect((await readdir(folder)).sort()).toEqual(['ca-key.pem', 'ca.pem', 'token-keys.json']);
  for (const file of await readdir(folder)) expect((await stat(inFolder(file))).mode & 0o777).toBe(0o600);
});

test('names the key by its RFC 7638 thumbprint and publishes nothing private', async () => {
  const keys = await open();
  const { kid, privateKey } = keys.current;
  const [jwk] = keys.jwks().keys;
  const text = expect.any(String);
  expect(jwk).toEqual({ kty: 'EC', crv: 'P-256', x: text, y: text, kid, use: 'sig', alg: 'ES256' });
  expect(await calculateJwkThumbprint(jwk ?? {})).toBe(kid);
  expect(keys.find(kid)?.equals(createPublicKey(privateKey))).toBe(true);
  expect(keys.find('other')).toBeUndefined();
});

async function expectCertified(keys: SigningKeys): Promise<void> {
  const ca = new X509Certificate(await readFile(inFolder('ca.pem')));
  const leaf = new X509Certificate(Buffer.from(keys.current.x5c[0] ?? '', 'base64'));
  expect(ca.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkIssued(ca)).toBe(true);
  expect(leaf.verify(ca.publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(keys.current.privateKey)).toBe(true);
  const years = (until: string) => (Date.parse(until) - Date.now()) / (365.25 * 86_400_000);
  expect(years(leaf.validTo)).toBeGreaterThan(10);
  expect(years(ca.validTo)).toBeGreaterThan(years(leaf.validTo));
  expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now());
}

test('certifies the key by a CA, both good for decades', async () => {
  await expectCertified(await open());
});

describe('rotating', () => {
  test('signs with a new key of the same CA, and publishes the old one for as long as it may verify', async () => {
    const keys = await open();
    const old = keys.current.kid;
    now += 1_000;
    const info = await keys.rotate();
    await expectCertified(keys);
    expect(keys.current.kid).toBe(info.kid);
    expect(info).toMatchObject({ status: 'signing', createdAt: new Date(now), retiredAt: null, verifiesUntil: null });
    expect(keys.jwks().keys.map(({ kid }) => kid)).toEqual([info.kid, old]);
    expect(keys.list()[1]).toMatchObject({
      kid: old,
      status: 'retired',
      retiredAt: new Date(now),
      verifiesUntil: new Date(now + overlapMs),
    });
    now += overlapMs - 1;
    expect(keys.find(old)).toBeDefined();
    now += 1;
    expect(keys.find(old)).toBeUndefined();
    expect(keys.jwks().keys).toHaveLength(1);
  });

  test('is there after a restart, with nothing left of the old private key', async () => {
    const keys = await open();
    const old = keys.current.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await keys.rotate();
    const again = await open();
    expect(again.list()).toEqual(keys.list());
    expect(again.current.kid).toBe(keys.current.kid);
    for (const file of await readdir(folder)) {
      expect(await readFile(inFolder(file), 'utf8')).not.toContain(JSON.stringify(old).slice(1, -1));
      expect((await stat(inFolder(file))).mode & 0o777).toBe(0o600);
    }
  });

  test('many at once happen one after another, and lose no key', async () => {
    const keys = await open();
    const first = keys.current.kid;
    const rotated = await Promise.all(Array.from({ length: 5 }, () => keys.rotate()));
    expect(new Set(keys.jwks().keys.map(({ kid }) => kid))).toEqual(new Set([first, ...rotated.map(({ kid }) => kid)]));
    expect((await open()).jwks()).toEqual(keys.jwks());
  });

  test('drops from the file what verifies nothing any more', async () => {
    const keys = await open();
    await keys.rotate();
    now += overlapMs;
    await keys.rotate();
    const { retired } = JSON.parse(await readFile(inFolder('token-keys.json'), 'utf8'));
    expect(retired).toHaveLength(1);
  });

  test('a crash before the rename leaves the old key, and its rubbish is overwritten', async () => {
    const before = (await open()).current.kid;
    await writeFile(inFolder('token-keys.json.new'), '{"signing":', { mode: 0o644 });
    const keys = await open();
    expect(keys.current.kid).toBe(before);
    await keys.rotate();
    expect((await readdir(folder)).sort()).toEqual(['ca-key.pem', 'ca.pem', 'token-keys.json']);
    expect((await stat(inFolder('token-keys.json'))).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written changes nothing', async () => {
    const keys = await open();
    const before = keys.list();
    await writeFile(inFolder('ca-key.pem'), 'gone');
    const error: unknown = await keys.rotate().catch((thrown: unknown) => thrown);
    expect(isFailure(error, 'STORAGE_UNAVAILABLE')).toBe(true);
    expect(keys.list()).toEqual(before);
    await cp(join(original, 'ca-key.pem'), inFolder('ca-key.pem'));
    await expect(keys.rotate()).resolves.toMatchObject({ status: 'signing' });
  });
});

describe('the two files of version 0.1.0', () => {
  beforeEach(async () => {
    const { signing } = JSON.parse(await readFile(inFolder('token-keys.json'), 'utf8'));
    await writeFile(inFolder('token-key.pem'), signing.privateKey, { mode: 0o600 });
    await writeFile(inFolder('token.pem'), signing.certificate);
    await rm(inFolder('token-keys.json'));
  });

  test('are read, and gone with the first rotation', async () => {
    const keys = await open();
    const old = keys.current.kid;
    expect(keys.list()).toHaveLength(1);
    await keys.rotate();
    expect(keys.find(old)).toBeDefined();
    expect((await readdir(folder)).sort()).toEqual(['ca-key.pem', 'ca.pem', 'token-keys.json']);
  });

  test('that a crash left beside the new one are removed', async () => {
    const keys = await open();
    await cp(inFolder('token-key.pem'), inFolder('copy'));
    await keys.rotate();
    await cp(inFolder('copy'), inFolder('token-key.pem'));
    await rm(inFolder('copy'));
    expect((await open()).current.kid).toBe(keys.current.kid);
    expect(await readdir(folder)).not.toContain('token-key.pem');
  });
});

describe('a damaged file stops the start in one sentence', () => {
  const p384 = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

  test.each<[string, (text: string) => string]>([
    ['empty', () => ''],
    ['cut off', (text) => text.slice(0, 700)],
    ['other JSON', () => '{}'],
    ['a key that is none', (text) => text.replace(/-----BEGIN PRIVATE KEY-----[^"]*/, 'hello')],
    [
      'a key on another curve',
      (text) => text.replace(/-----BEGIN PRIVATE KEY-----[^"]*/, JSON.stringify(p384()).slice(1, -1)),
    ],
    ['no certificate', (text) => text.replace(/-----BEGIN CERTIFICATE-----[^"]*/, '')],
    ['a time that is none', (text) => text.replace(/("createdAt": ")[^"]*/, '$1never')],
  ])('%s', async (_name, damage) => {
    const file = inFolder('token-keys.json');
    await writeFile(file, damage(await readFile(file, 'utf8')));
    const opening = open();
    await expect(opening).rejects.toThrow(StartupError);
    await expect(opening).rejects.toThrow(/^The key file \S+token-keys\.json is damaged[^\n]*\.$/);
  });

  test('a certificate of another key', async () => {
    const file = inFolder('token-keys.json');
    const document = JSON.parse(await readFile(file, 'utf8'));
    document.signing.certificate = await readFile(inFolder('ca.pem'), 'utf8');
    await writeFile(file, JSON.stringify(document));
    await expect(open()).rejects.toThrow(/token-keys\.json is damaged/);
  });

  test('none at all', async () => {
    await rm(inFolder('token-keys.json'));
    await expect(open()).rejects.toThrow(/token\.pem is damaged/);
  });
});
