import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { keyFiles } from './signing-keys.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Distribution checks the dates of certificates, so both outlive any installation; tokens themselves live minutes. */
const caYears = 40;
const leafYears = 30;

/** Makes a CA and a signing key certified by it in `folder`, all files or none. Nothing may be there yet. */
export async function createKeys(folder: string): Promise<void> {
  cryptoProvider.set(webcrypto);
  const ca = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const leaf = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const caCertificate = await X509CertificateGenerator.createSelfSigned({
    ...names('CN=Berth token CA'),
    ...validity(caYears),
    signingAlgorithm: algorithm,
    keys: ca,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: caCertificate.subject,
    subject: 'CN=Berth token signing key',
    ...validity(leafYears),
    signingAlgorithm: algorithm,
    signingKey: ca.privateKey,
    publicKey: leaf.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(leaf.publicKey),
    ],
  });
  await writeFolder(folder, {
    [keyFiles.caKey]: privatePem(ca.privateKey),
    [keyFiles.ca]: `${caCertificate.toString('pem')}\n`,
    [keyFiles.tokenKey]: privatePem(leaf.privateKey),
    [keyFiles.token]: `${certificate.toString('pem')}\n`,
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
  await using parent = await open(dirname(folder), 'r');
  await parent.sync();
}

function names(name: string): { serialNumber: string; name: string } {
  return { serialNumber: serialNumber(), name };
}

/** Positive and 127 bits long (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** From an hour ago, because the clocks of registries differ. */
function validity(years: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}

function privatePem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
