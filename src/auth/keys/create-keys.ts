import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clock } from '../../async/clock.js';
import { syncDirectory } from '../../storage/durable-directory.js';
import { createCertificate } from './certificate.js';
import { keySetText, readKeyFile, type SigningKey } from './key-set-file.js';

/**
 * The files of `<data>/keys/`. The CA's certificate is what a fronted Distribution gets as `rootcertbundle`; it stays when
 * the signing key changes. Version 0.1.0 kept that key in the last two files.
 */
export const keyFiles = {
  caKey: 'ca-key.pem',
  ca: 'ca.pem',
  keySet: 'token-keys.json',
  oldTokenKey: 'token-key.pem',
  oldToken: 'token.pem',
} as const;

/** Distribution checks the dates of certificates, so both outlive any installation; tokens themselves live minutes. */
const caYears = 40;
const tokenYears = 30;
const caName = 'Berth token CA';

/** Makes a CA and a signing key certified by it in `folder`, all files or none. Nothing may be there yet. */
export async function createKeys(folder: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: caName, privateKey };
  const ca = { subject: caName, publicKey, authority: true, ...validity(caYears, new Date(clock.wall())) };
  await writeFolder(folder, {
    [keyFiles.caKey]: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    [keyFiles.ca]: createCertificate({ ...ca, issuer }),
    [keyFiles.keySet]: keySetText({ signing: newSigningKey(privateKey, new Date(clock.wall())), retired: [] }),
  });
}

/** A new signing key, certified by the CA in `folder`. Throws when its key cannot be read. */
export function createSigningKey(folder: string, now: Date): SigningKey {
  return newSigningKey(createPrivateKey(readKeyFile(join(folder, keyFiles.caKey))), now);
}

function newSigningKey(caKey: KeyObject, now: Date): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = { subject: 'Berth token key', publicKey, authority: false, ...validity(tokenYears, now) };
  const certificate = createCertificate({ ...subject, issuer: { name: caName, privateKey: caKey } });
  return { privateKey, certificate: new X509Certificate(certificate), createdAt: now };
}

/** Written aside and renamed, so that a crash at the first start leaves no folder with half of its keys. */
async function writeFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const aside = `${folder}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { mode: 0o700 });
  for (const [name, text] of Object.entries(files)) {
    await using file = await open(join(aside, name), 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(aside, folder);
  await syncDirectory(dirname(folder));
}

/** From an hour ago, because the clocks of registries differ. */
function validity(years: number, now: Date): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(now.getTime() - 3_600_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}
