import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../../data-directory/startup-error.js';

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

/** The files of `<data>/keys/`. The CA's certificate is what a fronted Distribution gets as `rootcertbundle`. */
export const keyFiles = { caKey: 'ca-key.pem', ca: 'ca.pem', tokenKey: 'token-key.pem', token: 'token.pem' } as const;

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
    const keys = await readKeys(folder);
    if (keys !== undefined) return keys;
    const { createKeys } = await import('./create-keys.js'); // weighs 15 MB and is needed once in the life of a data directory
    await createKeys(folder);
    const created = await readKeys(folder);
    if (created === undefined) throw new StartupError(`The signing keys could not be created in ${folder}.`);
    return created;

    async function readKeys(from: string): Promise<SigningKeys | undefined> {
      const key = await readIfPresent(join(from, keyFiles.tokenKey));
      const certificate = await readIfPresent(join(from, keyFiles.token));
      if (key === undefined && certificate === undefined) return undefined;
      const privateKey = parsed(join(from, keyFiles.tokenKey), () => es256PrivateKey(key ?? ''));
      const leaf = parsed(join(from, keyFiles.token), () => new X509Certificate(certificate ?? ''));
      if (!leaf.checkPrivateKey(privateKey)) {
        throw new StartupError(`The certificate ${join(from, keyFiles.token)} does not belong to the key beside it.`);
      }
      return new SigningKeys(privateKey, [leaf.raw.toString('base64')]);
    }
  }

  find(kid: string): KeyObject | undefined {
    return this.trusted.get(kid);
  }

  /** What `/.well-known/jwks.json` publishes. */
  jwks(): { readonly keys: readonly PublicJwk[] } {
    return { keys: [this.published] };
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new StartupError(`The key file ${file} cannot be read.`, { cause: error });
  });
}

function parsed<T>(file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new StartupError(
      `The key file ${file} is damaged; put back a copy of it, or remove its folder to get new keys.`,
      {
        cause: error,
      },
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
