import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readPlainFile, UnusableFile } from '../../config/plain-file.js';
import { syncDirectory } from '../../storage/durable-directory.js';

/** The key that signs, with the certificate that vouches for it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly certificate: X509Certificate;
  readonly createdAt: Date;
}

/** A key that signs no more. Its private half is gone; what it signed is still good until the last of it has expired. */
export interface RetiredKey {
  readonly certificate: X509Certificate;
  readonly createdAt: Date;
  readonly retiredAt: Date;
  readonly verifiesUntil: Date;
}

/** All keys by which a registry token may be verified. One file holds them, so one rename changes them. */
export interface KeySet {
  readonly signing: SigningKey;
  /** The one that signed last first. */
  readonly retired: readonly RetiredKey[];
}

/** As it stands in the file: PEM for keys and certificates, ISO 8601 for times. */
interface KeySetDocument {
  readonly signing: { readonly privateKey: string; readonly certificate: string; readonly createdAt: string };
  readonly retired: readonly {
    readonly certificate: string;
    readonly createdAt: string;
    readonly retiredAt: string;
    readonly verifiesUntil: string;
  }[];
}

/** The text of a file in `keys/`. Throws UnusableFile, naming it, for a link, for what is no file and for what others can get at. */
export function readKeyFile(file: string, { secret = true } = {}): string {
  try {
    return readPlainFile(file, { secret, own: true });
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    throw new UnusableFile(`The key file ${file} cannot be used: ${error.message}`, { cause: error });
  }
}

/** Throws for anything that is not a whole key set, or whose certificate belongs to another key. */
export function readKeySet(file: string): KeySet {
  const { signing, retired } = JSON.parse(readKeyFile(file)) as KeySetDocument; // checked by what follows
  return {
    signing: signingKey(signing.privateKey, signing.certificate, dateOf(signing.createdAt)),
    retired: retired.map((key) => ({
      certificate: es256Certificate(key.certificate),
      createdAt: dateOf(key.createdAt),
      retiredAt: dateOf(key.retiredAt),
      verifiesUntil: dateOf(key.verifiesUntil),
    })),
  };
}

/** Replaces the file, readable by its owner alone. A crash leaves the old one or the new one, never a part. */
export async function writeKeySet(file: string, keys: KeySet): Promise<void> {
  const aside = `${file}.new`;
  await rm(aside, { recursive: true, force: true }); // left over from a crash, or somebody's link
  {
    await using handle = await open(aside, 'wx', 0o600);
    await handle.writeFile(keySetText(keys));
    await handle.sync();
  }
  await rename(aside, file);
  await syncDirectory(dirname(file));
}

export function keySetText({ signing, retired }: KeySet): string {
  const document: KeySetDocument = {
    signing: {
      privateKey: signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificate: signing.certificate.toString(),
      createdAt: signing.createdAt.toISOString(),
    },
    retired: retired.map(({ certificate, createdAt, retiredAt, verifiesUntil }) => ({
      certificate: certificate.toString(),
      createdAt: createdAt.toISOString(),
      retiredAt: retiredAt.toISOString(),
      verifiesUntil: verifiesUntil.toISOString(),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Throws unless both are of one P-256 key. */
export function signingKey(privatePem: string, certificatePem: string, createdAt: Date): SigningKey {
  const privateKey = createPrivateKey(privatePem);
  const certificate = es256Certificate(certificatePem);
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('the certificate is of another key');
  return { privateKey, certificate, createdAt };
}

function es256Certificate(pem: string): X509Certificate {
  const certificate = new X509Certificate(pem);
  if (createPublicKey(pem).asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not a P-256 key');
  return certificate;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error('not a time');
  return date;
}
