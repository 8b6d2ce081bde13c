import { hash } from 'node:crypto';
import { Failure } from '../errors/failure.js';

/** Registered algorithms (image-spec "descriptor"). */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** `sha256:` and 64, or `sha512:` and 128 lower-case hexadecimal digits. */
export type Digest = string & { readonly __brand: 'Digest' };

const grammar = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: string): text is Digest {
  return grammar.test(text);
}

/** Throws DIGEST_INVALID. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new Failure('DIGEST_INVALID', { message: 'the digest is malformed' });
  return text;
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The digest of small content that is in memory anyway, such as a manifest. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return makeDigest(algorithm, hash(algorithm, bytes, 'hex'));
}

/** The digest of a finished hash; throws DIGEST_INVALID when the digits are not of this algorithm. */
export function makeDigest(algorithm: DigestAlgorithm, hex: string): Digest {
  return parseDigest(`${algorithm}:${hex}`);
}
