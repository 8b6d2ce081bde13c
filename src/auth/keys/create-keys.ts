import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../storage/durable-directory.js';
import { createCertificate } from './certificate.js';

/** The files of `<data>/keys/`. The CA's certificate is what a fronted Distribution gets as `rootcertbundle`. */
export const keyFiles = { caKey: 'ca-key.pem', ca: 'ca.pem', tokenKey: 'token-key.pem', token: 'token.pem' } as const;

/** Distribution checks the dates of certificates, so both outlive any installation; tokens themselves live minutes. */
const caYears = 40;
const tokenYears = 30;

/** Makes a CA and a signing key certified by it in `folder`, all files or none. Nothing may be there yet. */
export async function createKeys(folder: string): Promise<void> {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const token = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: 'Berth token CA', privateKey: ca.privateKey };
  const caCertificate = { subject: issuer.name, publicKey: ca.publicKey, authority: true, ...validity(caYears) };
  const certificate = {
    subject: 'Berth token key',
    publicKey: token.publicKey,
    authority: false,
    ...validity(tokenYears),
  };
  await writeFolder(folder, {
    [keyFiles.caKey]: privatePem(ca.privateKey),
    [keyFiles.ca]: createCertificate({ ...caCertificate, issuer }),
    [keyFiles.tokenKey]: privatePem(token.privateKey),
    [keyFiles.token]: createCertificate({ ...certificate, issuer }),
  });
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
function validity(years: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}

function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
