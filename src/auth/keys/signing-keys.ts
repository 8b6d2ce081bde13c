import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../../data-directory/startup-error.js';
import { createKeys, keyFiles } from './create-keys.js';

/** A public key as RFC 7517 writes it. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'ES256';
}

/**
 * The ES256 keys of the token realm. One signs; every public key by which a token may be verified is found by its `kid`,
 * the RFC 7638 thumbprint. The certificate goes into tokens for Distribution 2.8, which knows keys by their chain only.
 */
export class SigningKeys {
  readonly kid: string;
  private readonly trusted: ReadonlyMap<string, KeyObject>;
  private readonly published: PublicJwk;

  private constructor(
    readonly privateKey: KeyObject,
    /** The `x5c` header (RFC 7515 §4.1.6): the signing certificate, issued directly by the CA. */
    readonly x5c: readonly string[],
  ) {
    const publicKey = createPublicKey(privateKey);
    this.published = publicJwk(publicKey);
    this.kid = this.published.kid;
    this.trusted = new Map([[this.kid, publicKey]]);
  }

  /** Reads the keys in `folder`, or makes them at the first start. Throws StartupError when a file is not what it should be. */
  static async open(folder: string): Promise<SigningKeys> {
    if (!(await exists(folder))) await createKeys(folder);
    const files = { key: join(folder, keyFiles.tokenKey), certificate: join(folder, keyFiles.token) };
    const privateKey = await readPem(files.key, es256PrivateKey);
    const certificate = await readPem(files.certificate, (pem) => new X509Certificate(pem));
    if (!certificate.checkPrivateKey(privateKey)) {
      throw new StartupError(`The certificate ${files.certificate} does not belong to the key beside it.`);
    }
    return new SigningKeys(privateKey, [certificate.raw.toString('base64')]);
  }

  find(kid: string): KeyObject | undefined {
    return this.trusted.get(kid);
  }

  /** What `/.well-known/jwks.json` publishes. */
  jwks(): { readonly keys: readonly PublicJwk[] } {
    return { keys: [this.published] };
  }
}

async function exists(folder: string): Promise<boolean> {
  return await access(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new StartupError(`The keys in ${folder} cannot be read.`, { cause: error });
    },
  );
}

async function readPem<T>(file: string, parse: (pem: string) => T): Promise<T> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new StartupError(
      `The key file ${file} is damaged; put back a copy of it, or remove its folder to get new keys.`,
      { cause: error },
    );
  }
}

function es256PrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not a P-256 key');
  return key;
}

function publicJwk(key: KeyObject): PublicJwk {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  // RFC 7638 §3: the required members only, in lexicographic order, without white space.
  const thumbprint = JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: 'ES256' };
}
