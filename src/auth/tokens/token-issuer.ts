import { randomUUID, sign } from 'node:crypto';
import { addressGroup } from '../../access/address-group.js';
import { principalKey } from '../../access/principal.js';
import { clock } from '../../async/clock.js';
import type { Scope } from '../../oci/scope.js';
import type { Authenticated } from '../authenticated.js';
import type { SigningKeys } from '../keys/signing-keys.js';
import type { HeldAccess } from './held-access.js';
import { holderClaims, type RegistryTokenClaims, tokenIssuer } from './registry-token.js';

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  readonly issuedAt: Date;
}

/** Registries whose clock is behind ours must not think a token is not valid yet. */
const backdatedSeconds = 30;
/** Characters of a token that says itself what it allows: proxies and servers refuse a header of 16 KB, some one of less. */
const mostCharacters = 12 * 1024;

/**
 * Signs registry tokens: ES256, `kid` for us and Distribution 3, `x5c` for Distribution 2.8. Put together here (RFC 7515
 * §3.1), because a library would encode the same kilobyte of header for each token, which takes as long as the signature.
 */
export class TokenIssuer {
  constructor(
    private readonly keys: Pick<SigningKeys, 'current'>,
    private readonly held: Pick<HeldAccess, 'keep'>,
    private readonly settings: { readonly service: string; readonly seconds: number },
  ) {}

  /**
   * @param who undefined for an anonymous token
   * @param address of the client; an anonymous token with much access counts as the address's
   */
  issue(who: Authenticated | undefined, access: readonly Scope[], address: string): IssuedToken {
    const issuedAt = new Date(clock.wall());
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
    let text = unsigned(header, claims);
    if (text.length > mostCharacters) {
      const holder = who === undefined ? `address:${addressGroup(address)}` : principalKey(who.principal);
      text = unsigned(header, { ...claims, access: [], held: this.held.keep(holder, access, claims.exp * 1000) });
    }
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const token = `${text}.${signature.toString('base64url')}`;
    return { token, expiresInSeconds: this.settings.seconds, issuedAt };
  }
}

function unsigned(header: string, claims: RegistryTokenClaims): string {
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
}
