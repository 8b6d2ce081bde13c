import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { clock } from './async/clock.js';
import type { Config } from './config/config.js';
import { readPlainFile, UnusableFile } from './config/plain-file.js';
import { StartupError } from './data-directory/startup-error.js';
import type { Log } from './logging/logger.js';

/** A certificate and its key, both in PEM, that belong together. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * What BERTH_TLS_CERT and BERTH_TLS_KEY name, and a line in the log about it.
 * Throws StartupError, naming the file, when one of them cannot be used or they do not belong together.
 */
export function readTlsFiles({ certFile, keyFile }: NonNullable<Config['tls']>, log: Log): TlsFiles {
  const cert = read('BERTH_TLS_CERT', certFile, false);
  const key = read('BERTH_TLS_KEY', keyFile, true);
  const certificate = certificateIn(cert, certFile);
  if (!certificate.checkPrivateKey(privateKeyIn(key, keyFile)))
    throw new StartupError(`BERTH_TLS_KEY: ${keyFile} is not the key of the first certificate in ${certFile}.`);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new StartupError(`BERTH_TLS_CERT: ${certFile} cannot be used: ${reasonOf(cause)}.`, { cause });
  }
  const { subject, subjectAltName, validTo } = certificate;
  const fields = { subject, subjectAltName, validTo };
  if (new Date(validTo).getTime() < clock.wall()) log.warn(fields, 'the certificate has expired');
  else log.info(fields, 'certificate');
  return { cert, key };
}

function read(setting: string, file: string, secret: boolean): string {
  try {
    return readPlainFile(file, { secret });
  } catch (cause) {
    if (cause instanceof UnusableFile)
      throw new StartupError(`${setting}: ${file} cannot be used: ${cause.message}.`, { cause });
    throw new StartupError(`${setting}: ${file} cannot be read (${reasonOf(cause)}).`, { cause });
  }
}

function certificateIn(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new StartupError(`BERTH_TLS_CERT: ${file} holds no certificate in PEM.`, { cause });
  }
}

function privateKeyIn(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const locked = /ENCRYPTED/.test(pem);
    const what = locked ? 'is locked with a passphrase, which nobody can type here' : 'holds no private key in PEM';
    throw new StartupError(`BERTH_TLS_KEY: ${file} ${what}.`, { cause });
  }
}

/** `ENOENT`, or what OpenSSL says; nothing of the file. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException; // only the system and OpenSSL throw here
  return code ?? message;
}
