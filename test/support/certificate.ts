import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificate } from '../../src/auth/keys/certificate.js';

/** Names of the two files, as the settings take them. */
export interface CertificateFiles {
  readonly BERTH_TLS_CERT: string;
  readonly BERTH_TLS_KEY: string;
}

/** Writes a certificate that vouches for itself, and its key, into the directory. */
export async function writeCertificate(directory: string, subject = 'berth.test'): Promise<CertificateFiles> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: subject, privateKey };
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(Date.now() + 86_400_000);
  const files = { BERTH_TLS_CERT: join(directory, 'berth.crt'), BERTH_TLS_KEY: join(directory, 'berth.key') };
  const certificate = createCertificate({ subject, publicKey, issuer, authority: true, notBefore, notAfter });
  await writeFile(files.BERTH_TLS_CERT, certificate);
  await writeFile(files.BERTH_TLS_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return files;
}
