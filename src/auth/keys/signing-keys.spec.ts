import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { StartupError } from '../../data-directory/startup-error.js';
import { SigningKeys } from './signing-keys.js';

let parent: string;
let folder: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'berth-keys-'));
  folder = join(parent, 'keys');
  await SigningKeys.open(folder);
});

afterAll(() => rm(parent, { recursive: true }));

async function certificate(file: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(join(folder, file)));
}

test('makes the keys once, readable by the owner only', async () => {
  const first = await SigningKeys.open(folder);
  const second = await SigningKeys.open(folder);
  expect(second.jwks()).toEqual(first.jwks());
  expect(await readdir(parent)).toEqual(['keys']);
  for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
});

test('names the key by its RFC 7638 thumbprint and publishes nothing private', async () => {
  const keys = await SigningKeys.open(folder);
  const [jwk] = keys.jwks().keys;
  expect(jwk).toEqual({
    kty: 'EC',
    crv: 'P-256',
    x: expect.any(String),
    y: expect.any(String),
    kid: keys.kid,
    use: 'sig',
    alg: 'ES256',
  });
  expect(await calculateJwkThumbprint(jwk ?? {})).toBe(keys.kid);
  expect(keys.find(keys.kid)?.equals(createPublicKey(keys.privateKey))).toBe(true);
  expect(keys.find('other')).toBeUndefined();
});

test('certifies the key by a CA, both good for decades', async () => {
  const keys = await SigningKeys.open(folder);
  const ca = await certificate('ca.pem');
  const leaf = new X509Certificate(Buffer.from(keys.x5c[0] ?? '', 'base64'));
  expect(ca.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkIssued(ca)).toBe(true);
  expect(leaf.verify(ca.publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(keys.privateKey)).toBe(true);
  const years = (until: string) => (Date.parse(until) - Date.now()) / (365.25 * 86_400_000);
  expect(years(leaf.validTo)).toBeGreaterThan(10);
  expect(years(ca.validTo)).toBeGreaterThan(years(leaf.validTo));
  expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now());
});

describe('a damaged folder stops the start in one sentence', () => {
  test.each([
    ['an empty key', 'token-key.pem', ''],
    ['a key that is none', 'token-key.pem', 'hello'],
    ['a certificate that is none', 'token.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('%s', async (_name, file, text) => {
    const before = await readFile(join(folder, file));
    await writeFile(join(folder, file), text);
    const opening = SigningKeys.open(folder);
    await expect(opening).rejects.toThrow(StartupError);
    await expect(opening).rejects.toThrow(/^The key file \S+ is damaged[^\n]*\.$/);
    await writeFile(join(folder, file), before);
  });

  test('a missing half', async () => {
    const before = await readFile(join(folder, 'token.pem'));
    await rm(join(folder, 'token.pem'));
    await expect(SigningKeys.open(folder)).rejects.toThrow(/token\.pem is damaged/);
    await writeFile(join(folder, 'token.pem'), before);
  });

  test('a certificate of another key', async () => {
    const before = await readFile(join(folder, 'token.pem'));
    await writeFile(join(folder, 'token.pem'), await readFile(join(folder, 'ca.pem')));
    await expect(SigningKeys.open(folder)).rejects.toThrow(/does not belong to the key/);
    await writeFile(join(folder, 'token.pem'), before);
  });

  test('a key on another curve', async () => {
    const before = await readFile(join(folder, 'token-key.pem'));
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    await writeFile(join(folder, 'token-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await expect(SigningKeys.open(folder)).rejects.toThrow(/token-key\.pem is damaged/);
    await writeFile(join(folder, 'token-key.pem'), before);
    expect(createPrivateKey(before).asymmetricKeyType).toBe('ec');
  });
});
