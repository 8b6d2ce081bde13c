import type { Scope } from '../../oci/scope.js';

/** `iss` of every registry token; `aud` is the service that was asked for. */
export const tokenIssuer = 'berth';

/**
 * The claims of a registry token (Distribution's "Token Authentication Implementation"), and two of our own that name
 * the account and the generation of its password, so that both are asked again on every request.
 */
export interface RegistryTokenClaims {
  readonly iss: string;
  /** The user's name; empty for an anonymous token. */
  readonly sub: string;
  readonly aud: string;
  /** Seconds since the epoch, as `nbf` and `iat`. */
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access: readonly Scope[];
  readonly uid?: number;
  readonly cv?: number;
}
