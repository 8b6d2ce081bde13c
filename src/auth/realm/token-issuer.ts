import { randomUUID, sign } from 'node:crypto';
import type { Scope } from '../../oci/scope.js';
import type { Authenticated } from '../authenticated.js';
import type { SigningKeys } from '../keys/signing-keys.js';
import { holderClaims, type RegistryTokenClaims, tokenIssuer } from './registry-token.js';

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  readonly issuedAt: Date;
}

/** Registries whose clock is behind ours must not think a token is not valid yet. */
const backdatedSeconds = 30;

/**
 * Signs registry tokens: ES256, `kid` for us and Distribution 3, `x5c` for Distribution 2.8. Put together here (RFC 7515
 * §3.1), because a library would encode the same kilobyte of header for each token, which takes as long as the signature.
 */
export class TokenIssuer {
  constructor(
    private readonly keys: Pick<SigningKeys, 'current'>,
    private readonly settings: { readonly service: string; readonly seconds: number },
    private readonly now: () => number = Date.now,
  ) {}

  /** @param who undefined for an anonymous token */
  issue(who: Authenticated | undefined, access: readonly Scope[]): IssuedToken {
    const issuedAt = new Date(this.now());
    const iat = Math.floor(issuedAt.getTime() / 1000);
    const claims: RegistryTokenClaims = {
      iss: tokenIssuer,
      sub: who?.principal.name ?? '',
      aud: this.settings.service,
      exp: iat + this.settings.seconds,
      nbf: iat - backdatedSeconds,
      iat,
      jti: randomUUID(),
      access,
      ...holderClaims(who),
    };
    const { header, privateKey } = this.keys.current;
    const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const token = `${text}.${signature.toString('base64url')}`;
    return { token, expiresInSeconds: this.settings.seconds, issuedAt };
  }
}
