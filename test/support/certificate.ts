import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificate } from '../../src/auth/keys/certificate.js';
import { mustRun } from './child.js';

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
  await writeFile(files.BERTH_TLS_CERT, certificate, { mode: 0o600 });
  await writeFile(files.BERTH_TLS_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return files;
}

/**
 * Writes what a company has: a certificate authority of its own, `ca.crt`, and a certificate that it issued for an address,
 * with the key. Clients take no certificate that lacks the alternative name; openssl writes it as an operator would.
 */
export async function writeIssuedCertificate(directory: string, address: string): Promise<CertificateFiles> {
  const at = (name: string) => join(directory, name);
  const request = (...parameters: string[]) =>
    mustRun('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2'],
      ...parameters,
    ]);
  await request('-subj', '/CN=Authority of the specs', '-keyout', at('ca.key'), '-out', at('ca.crt'));
  const files = { BERTH_TLS_CERT: at('berth.crt'), BERTH_TLS_KEY: at('berth.key') };
  await request(
    ...['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-subj', '/CN=berth.test'],
    ...['-addext', `subjectAltName=IP:${address}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', files.BERTH_TLS_KEY, '-out', files.BERTH_TLS_CERT],
  );
  return files;
}
