import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clock } from '../../async/clock.js';
import { UnusableFile } from '../../config/plain-file.js';
import { StartupError } from '../../data-directory/startup-error.js';
import { Failure } from '../../errors/failure.js';
import { isAhead } from '../../users/tokens/expiry.js';
import { createKeys, createSigningKey, keyFiles } from './create-keys.js';
import { type KeySet, type RetiredKey, readKeyFile, readKeySet, signingKey, writeKeySet } from './key-set-file.js';

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

/** What an administrator may know of a key. */
export interface KeyInfo {
  readonly kid: string;
  readonly algorithm: 'ES256';
  readonly status: 'signing' | 'retired';
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
  /** When the last token it signed is worth nothing any more; null for the key that signs. */
  readonly verifiesUntil: Date | null;
}

/** What a token is signed with. */
export interface CurrentKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The `x5c` header (RFC 7515 §4.1.6): the signing certificate, issued directly by the CA. */
  readonly x5c: readonly string[];
  /** The JOSE header of its tokens, encoded. */
  readonly header: string;
}

export interface KeySettings {
  /** Milliseconds for which a token may still count after it was signed: its life, leeway and grace for pushes. */
  readonly overlapMs: number;
}

interface TrustedKey {
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
  readonly info: KeyInfo;
}

/**
 * The ES256 keys of the token realm. One signs; every public key by which a token may be verified is found by its `kid`,
 * the RFC 7638 thumbprint. The certificate goes into tokens for Distribution 2.8, which knows keys by their chain only
 * and so never hears of a rotation: the CA stays.
 */
export class SigningKeys {
  #signing!: CurrentKey;
  #trusted!: ReadonlyMap<string, TrustedKey>;
  #rotating: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private keys: KeySet,
    private readonly settings: KeySettings,
  ) {
    this.#adopt(keys);
  }

  /** Reads the keys in `folder`, or makes them at the first start. Throws StartupError when a file is not what it should be. */
  static async open(folder: string, settings: KeySettings): Promise<SigningKeys> {
    if (!(await exists(folder))) await createKeys(folder);
    return new SigningKeys(folder, await read(folder), settings);
  }

  /** What signs from now on, until the next rotation. */
  get current(): CurrentKey {
    return this.#signing;
  }

  find(kid: string): KeyObject | undefined {
    return this.#alive(this.#trusted.get(kid))?.publicKey;
  }

  /** What `/.well-known/jwks.json` publishes: every key that still verifies anything. */
  jwks(): { readonly keys: readonly PublicJwk[] } {
    return { keys: this.#living().map(({ jwk }) => jwk) };
  }

  /** The key that signs, then the retired ones that still verify, the last one first. */
  list(): readonly KeyInfo[] {
    return this.#living().map(({ info }) => info);
  }

  /**
   * Signs with a new key from now on, certified by the same CA. The old one verifies until all that it signed has
   * expired; its private half is thrown away. Nothing is signed with a key before it is durable.
   * Throws STORAGE_UNAVAILABLE when a file cannot be read or written.
   */
  rotate(): Promise<KeyInfo> {
    const next = this.#rotating.then(() => this.#replace());
    this.#rotating = next.catch(() => undefined);
    return next;
  }

  async #replace(): Promise<KeyInfo> {
    const retiredAt = new Date(clock.wall());
    const { certificate, createdAt } = this.keys.signing;
    const retired: RetiredKey = {
      certificate,
      createdAt,
      retiredAt,
      verifiesUntil: new Date(retiredAt.getTime() + this.settings.overlapMs),
    };
    const earlier = this.keys.retired.filter(({ verifiesUntil }) => verifiesUntil > retiredAt);
    try {
      const keys: KeySet = {
        signing: createSigningKey(this.folder, retiredAt),
        retired: [retired, ...earlier],
      };
      await writeKeySet(join(this.folder, keyFiles.keySet), keys);
      this.#adopt(keys);
      await removeOldFiles(this.folder);
    } catch (error) {
      throw new Failure('STORAGE_UNAVAILABLE', { cause: error });
    }
    const [info] = this.list();
    if (info === undefined) throw new Error('the key that signs is never missing');
    return info;
  }

  #adopt(keys: KeySet): void {
    const { privateKey, certificate, createdAt } = keys.signing;
    const signing = trust(certificate, { status: 'signing', createdAt, retiredAt: null, verifiesUntil: null });
    const retired = keys.retired.map(({ certificate, ...times }) =>
      trust(certificate, { status: 'retired', ...times }),
    );
    this.keys = keys;
    this.#trusted = new Map([signing, ...retired].map((key) => [key.jwk.kid, key]));
    const { kid } = signing.jwk;
    const x5c = [certificate.raw.toString('base64')];
    const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid, x5c })).toString('base64url');
    this.#signing = { kid, privateKey, x5c, header };
  }

  #living(): TrustedKey[] {
    return [...this.#trusted.values()].filter((key) => this.#alive(key) !== undefined);
  }

  #alive(key: TrustedKey | undefined): TrustedKey | undefined {
    const { retiredAt, verifiesUntil } = key?.info ?? {};
    if (retiredAt && isAhead(retiredAt, clock.wall())) return undefined; // its end is by a clock that was wrong
    return verifiesUntil && verifiesUntil.getTime() <= clock.wall() ? undefined : key;
  }
}

async function read(folder: string): Promise<KeySet> {
  checkAuthority(folder);
  const file = join(folder, keyFiles.keySet);
  if (await exists(file)) {
    await removeOldFiles(folder); // a crash may have come between
    return guarded(file, () => readKeySet(file));
  }
  const old = join(folder, keyFiles.oldToken);
  const made = await lstat(old).catch(() => undefined); // what reads it says what is wrong with it
  return guarded(old, () => {
    const privatePem = readKeyFile(join(folder, keyFiles.oldTokenKey));
    return {
      signing: signingKey(privatePem, readKeyFile(old, { secret: false }), made?.mtime ?? new Date(clock.wall())),
      retired: [],
    };
  });
}

/** Only a rotation uses the CA, and that is a bad moment to find it damaged. */
function checkAuthority(folder: string): void {
  const file = join(folder, keyFiles.ca);
  guarded(file, () =>
    signingKey(readKeyFile(join(folder, keyFiles.caKey)), readKeyFile(file, { secret: false }), new Date(clock.wall())),
  );
}

/** The private half of a retired key is worth nothing to us and something to others. */
async function removeOldFiles(folder: string): Promise<void> {
  for (const name of [keyFiles.oldTokenKey, keyFiles.oldToken]) await rm(join(folder, name), { force: true });
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new StartupError(`The keys in ${path} cannot be read.`, { cause: error });
    },
  );
}

function guarded<T>(file: string, readIt: () => T): T {
  try {
    return readIt();
  } catch (error) {
    if (error instanceof UnusableFile) throw new StartupError(`${error.message}.`, { cause: error });
    throw new StartupError(
      `The key file ${file} is damaged; put back a copy of it, or remove its folder to get new keys.`,
      { cause: error },
    );
  }
}

function trust(certificate: X509Certificate, info: Omit<KeyInfo, 'kid' | 'algorithm'>): TrustedKey {
  const { publicKey } = certificate;
  const jwk = publicJwk(publicKey);
  return { publicKey, jwk, info: { kid: jwk.kid, algorithm: 'ES256', ...info } };
}

function publicJwk(key: KeyObject): PublicJwk {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  // RFC 7638 §3: the required members only, in lexicographic order, without white space.
  const thumbprint = JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: 'ES256' };
}
