import { andThen, type MaybeAsync } from '../async/maybe-async.js';
import { Failure, isFailure } from '../errors/failure.js';
import type { RefreshTokens } from '../users/tokens/refresh-tokens.js';
import type { SecretCredentials, SecretReference } from '../users/tokens/secret-credentials.js';
import type { User } from '../users/user.js';
import type { Users } from '../users/users.js';
import { type Authenticated, asOwner, asUser, byPassword, type Credential } from './authenticated.js';
import { holderClaims, type RegistryTokenClaims } from './tokens/registry-token.js';

/** Somebody who was let in, as they were then. */
export type Met = Pick<Authenticated, 'principal' | 'credential' | 'generation'>;
type Claims = Pick<RegistryTokenClaims, 'uid' | 'rid' | 'cv' | 'cred'>;

/**
 * Who holds a registry token as of this request: the account and the credential it was issued for are asked again each
 * time, so that whatever ends either of them ends the token with it. Returns immediately for those it has met.
 */
export class LiveHolder {
  constructor(
    private readonly users: Pick<Users, 'findById'>,
    private readonly secrets: Pick<SecretCredentials, 'stillGood'>,
    private readonly refreshTokens: Pick<RefreshTokens, 'findById'>,
  ) {}

  /** Undefined for a token of nobody. Throws TOKEN_INVALID when the account or the credential is not what it was. */
  find(claims: Claims): MaybeAsync<Authenticated | undefined> {
    const { uid, rid, cred } = claims;
    if (rid !== undefined) {
      const reference = { kind: 'robot', robotId: rid, secretId: Number(cred?.id) } as const;
      return andThen(this.secrets.stillGood(reference), (owner) => sameAsIssued(owner && asOwner(owner), claims));
    }
    if (uid === undefined) return undefined;
    if (cred?.kind === 'pat') {
      const reference = { kind: 'token', tokenId: Number(cred.id) } as const;
      return andThen(this.secrets.stillGood(reference), (owner) => sameAsIssued(owner && asOwner(owner), claims));
    }
    const user = this.users.findById(uid);
    if (cred === undefined) {
      // Nearly all there are, so nothing is made that is not needed.
      if (!(user instanceof Promise)) return sameAsIssued(withPassword(user), claims);
      return user.then((found) => sameAsIssued(withPassword(found), claims));
    }
    const id = String(cred.id);
    return andThen(user, (found) =>
      andThen(this.refreshTokens.findById(id), (token) =>
        sameAsIssued(found && token && asUser(found, { kind: 'refresh', id }), claims),
      ),
    );
  }

  /**
   * The same somebody as of now, for a request that is about to change something; undefined when the account or the credential has
   * ended since. A secret that came itself is good as long as it is there; what was issued for one ends as {@link find} says.
   */
  async again(met: Met, came: 'itself' | 'issued'): Promise<Authenticated | undefined> {
    const { principal, credential, generation } = met;
    const secret = came === 'itself' ? secretOf(met) : undefined;
    if (secret !== undefined) {
      const owner = await this.secrets.stillGood(secret);
      const who = owner && asOwner(owner);
      return who?.principal.id === principal.id && sameSecret(who.credential, credential) ? who : undefined;
    }
    if (credential.kind === 'password') {
      // A new password is a new generation, so whoever had to change it still has to: which routes are open then was asked before.
      const user = await this.users.findById(principal.id);
      return user?.enabled && user.credentialVersion === generation ? asUser(user, byPassword) : undefined;
    }
    try {
      return await this.find(holderClaims(met));
    } catch (error) {
      if (isFailure(error, 'TOKEN_INVALID')) return undefined;
      throw error;
    }
  }
}

function secretOf({ principal, credential }: Met): SecretReference | undefined {
  if (credential.kind === 'pat') return { kind: 'token', tokenId: credential.id };
  return credential.kind === 'robot' ? { kind: 'robot', robotId: principal.id, secretId: credential.id } : undefined;
}

function sameSecret(now: Credential, then: Credential): boolean {
  return now.kind !== 'pat' || (then.kind === 'pat' && now.generation === then.generation);
}

function withPassword(user: User | undefined): Authenticated | undefined {
  return user && asUser(user, byPassword);
}

function sameAsIssued(holder: Authenticated | undefined, { uid, rid, cv, cred }: Claims): Authenticated {
  const generation = holder?.credential.kind === 'pat' ? holder.credential.generation : undefined;
  if (
    holder === undefined ||
    holder.principal.id !== (rid ?? uid) ||
    holder.generation !== cv ||
    generation !== cred?.generation ||
    (holder.user !== undefined && (!holder.user.enabled || holder.user.mustChangePassword))
  ) {
    throw new Failure('TOKEN_INVALID', {
      message: 'the account or the credential has changed since the token was issued',
    });
  }
  return holder;
}
