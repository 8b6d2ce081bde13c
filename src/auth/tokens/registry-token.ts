import type { Scope } from '../../oci/scope.js';
import type { Authenticated, Credential } from '../authenticated.js';

/** `iss` of every registry token; `aud` is the service that was asked for. */
export const tokenIssuer = 'berth';

/**
 * The claims of a registry token (Distribution's "Token Authentication Implementation"), and some of our own that name
 * the account, the generation of its credentials and the one credential it was issued for, so that all of them are asked
 * again on every request. A token of nobody has none of these.
 */
export interface RegistryTokenClaims {
  readonly iss: string;
  /** The user's or robot's name; empty for an anonymous token. */
  readonly sub: string;
  readonly aud: string;
  /** Seconds since the epoch, as `nbf` and `iat`. */
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access: readonly Scope[];
  /** In place of `access`, which then is empty: under what id {@link HeldAccess} keeps it, because it is too long for a header. */
  readonly held?: string;
  /** The user, or the robot. */
  readonly uid?: number;
  readonly rid?: number;
  readonly cv?: number;
  /** Left out for a password. */
  readonly cred?: CredentialClaim;
}

export interface CredentialClaim {
  readonly kind: Exclude<Credential['kind'], 'password'>;
  readonly id: number | string;
  /** Of a personal access token. */
  readonly generation?: number;
}

/** Who holds the token, as its claims say it. */
export function holderClaims(
  who: Pick<Authenticated, 'principal' | 'credential' | 'generation'> | undefined,
): Pick<RegistryTokenClaims, 'uid' | 'rid' | 'cv' | 'cred'> {
  if (who === undefined) return {};
  const { principal, credential, generation: cv } = who;
  const account = { ...accountClaim(principal), cv };
  return credential.kind === 'password' ? account : { ...account, cred: credential };
}

/** A kind of account that is added without a claim of its own does not compile: it would pass for the user of that number. */
function accountClaim({ kind, id }: Authenticated['principal']): { uid: number } | { rid: number } {
  switch (kind) {
    case 'user':
      return { uid: id };
    case 'robot':
      return { rid: id };
  }
}

/** The same of claims that come from outside. Undefined when they are of another shape than we sign. */
export function parseHolderClaims(
  claims: Readonly<Record<string, unknown>>,
): Pick<RegistryTokenClaims, 'uid' | 'rid' | 'cv' | 'cred'> | undefined {
  const { uid, rid, cv, cred } = claims;
  if (uid === undefined && rid === undefined && cv === undefined && cred === undefined) return {};
  if (typeof cv !== 'number') return undefined;
  const claim = cred === undefined ? undefined : parseCredential(cred);
  if (cred !== undefined && claim === undefined) return undefined;
  if (typeof rid === 'number')
    return uid === undefined && claim?.kind === 'robot' ? { rid, cv, cred: claim } : undefined;
  if (typeof uid !== 'number' || rid !== undefined || claim?.kind === 'robot') return undefined;
  return claim === undefined ? { uid, cv } : { uid, cv, cred: claim };
}

function parseCredential(value: unknown): CredentialClaim | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, id, generation } = value as Readonly<Record<string, unknown>>; // each is checked below
  if (kind === 'refresh') return typeof id === 'string' ? { kind, id } : undefined;
  if (typeof id !== 'number') return undefined;
  if (kind === 'robot') return { kind, id };
  return kind === 'pat' && typeof generation === 'number' ? { kind, id, generation } : undefined;
}
