import { type KeyObject, verify } from 'node:crypto';
import { clock } from '../../async/clock.js';
import { Failure } from '../../errors/failure.js';
import type { Scope } from '../../oci/scope.js';
import type { HeldAccess } from './held-access.js';
import { parseHolderClaims, type RegistryTokenClaims, tokenIssuer } from './registry-token.js';

export interface VerifiedToken {
  readonly claims: RegistryTokenClaims;
  /** What it allows, wherever that stands. */
  readonly access: readonly Scope[];
  /** Everything holds but `exp`, which passed no longer ago than the grace for pushes. */
  readonly expired: boolean;
}

/** Clocks of those who check our tokens, and ours after a correction, may differ by this much. */
export const leewaySeconds = 60;
/** Characters of the tokens whose signature is remembered. A token of a few scopes has about 1,200; what it says takes as much as it again. */
const remembered = 4_000_000;
/** Characters at the end of a token that tell it from others: an ES256 signature. The whole of it takes ten times as long to look up. */
const signatureLength = 86;
/** What `decode` would read past. */
const grammar = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Verifies registry tokens. The signature is checked once and the token remembered; its times are compared on every use.
 * The key is chosen by `kid` among our own; `x5c`, `jwk`, `jku` and `x5u` are never looked at (H11, T7).
 */
export class TokenVerifier {
  /** By their signature. */
  readonly #genuine = new Map<string, { readonly token: string; readonly claims: RegistryTokenClaims }>();
  #characters = 0;

  /** @param graceSeconds how long after its end a token still counts, as `expired` */
  constructor(
    private readonly keys: { find(kid: string): KeyObject | undefined },
    private readonly held: Pick<HeldAccess, 'find'>,
    private readonly settings: { readonly service: string; readonly graceSeconds: number },
  ) {}

  /** Throws TOKEN_INVALID. */
  verify(token: string): VerifiedToken {
    const known = this.#genuine.get(token.slice(-signatureLength));
    const claims = known?.token === token ? known.claims : this.#remember(token, this.#check(token));
    const now = clock.wall() / 1000;
    if (claims.nbf > now + leewaySeconds) throw new Failure('TOKEN_INVALID', { message: 'the token is not valid yet' });
    const overdue = now - claims.exp - leewaySeconds;
    if (overdue > this.settings.graceSeconds) throw new Failure('TOKEN_INVALID', { message: 'the token has expired' });
    const access = claims.held === undefined ? claims.access : this.held.find(claims.held);
    if (access === undefined)
      throw new Failure('TOKEN_INVALID', { message: 'what the token allows is not kept any more' });
    return { claims, access, expired: overdue > 0 };
  }

  #remember(token: string, claims: RegistryTokenClaims): RegistryTokenClaims {
    this.#genuine.set(token.slice(-signatureLength), { token, claims });
    this.#characters += token.length;
    for (const [signature, oldest] of this.#genuine) {
      if (this.#characters <= remembered) break;
      this.#genuine.delete(signature);
      this.#characters -= oldest.token.length;
    }
    return claims;
  }

  #check(token: string): RegistryTokenClaims {
    if (!grammar.test(token)) throw new Failure('TOKEN_INVALID');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const key = this.#keyFor(decode(header));
    const genuine =
      key !== undefined &&
      verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
    const claims = genuine ? registryClaims(decode(payload)) : undefined;
    if (claims?.iss !== tokenIssuer || claims.aud !== this.settings.service) throw new Failure('TOKEN_INVALID');
    return claims;
  }

  #keyFor(header: Readonly<Record<string, unknown>> | undefined): KeyObject | undefined {
    if (header === undefined || header.alg !== 'ES256' || header.typ !== 'JWT' || 'crit' in header) return undefined;
    return typeof header.kid === 'string' ? this.keys.find(header.kid) : undefined;
  }
}

function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // not JSON: not a token
  }
}

/** The claims when they have the shape we sign; a genuine token of another shape is one of an older or newer release. */
function registryClaims(payload: Readonly<Record<string, unknown>> | undefined): RegistryTokenClaims | undefined {
  if (payload === undefined) return undefined;
  const { iss, sub, aud, exp, nbf, iat, jti, access, held } = payload;
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof aud !== 'string' || typeof jti !== 'string')
    return undefined;
  if (typeof exp !== 'number' || typeof nbf !== 'number' || typeof iat !== 'number') return undefined;
  if (!Array.isArray(access) || !access.every(isScope)) return undefined;
  if (held !== undefined && typeof held !== 'string') return undefined;
  const holder = parseHolderClaims(payload);
  return holder && { iss, sub, aud, exp, nbf, iat, jti, access, ...(held !== undefined && { held }), ...holder };
}

function isScope(value: unknown): value is Scope {
  if (!isRecord(value)) return false;
  const { type, name, actions } = value;
  const isText = (text: unknown): boolean => typeof text === 'string';
  return isText(type) && isText(name) && Array.isArray(actions) && actions.every(isText);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
