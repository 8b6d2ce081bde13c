import { randomUUID } from 'node:crypto';
import type { JwtService } from '@nestjs/jwt';
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

/** Signs registry tokens: ES256, `kid` for us and Distribution 3, `x5c` for Distribution 2.8. */
export class TokenIssuer {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: Pick<SigningKeys, 'current'>,
    private readonly settings: { readonly service: string; readonly seconds: number },
    private readonly now: () => number = Date.now,
  ) {}

  /** @param who undefined for an anonymous token */
  async issue(who: Authenticated | undefined, access: readonly Scope[]): Promise<IssuedToken> {
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
    const { kid, x5c, privateKey } = this.keys.current;
    const token = await this.jwt.signAsync(claims, {
      algorithm: 'ES256',
      privateKey,
      header: { alg: 'ES256', kid, x5c: [...x5c] },
    });
    return { token, expiresInSeconds: this.settings.seconds, issuedAt };
  }
}
