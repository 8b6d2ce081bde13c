import type { Narrowing } from '../access/policy.js';
import { anonymous, type Principal, principalKey } from '../access/principal.js';
import type { Scope } from '../oci/scope.js';
import type { Authenticated, Credential } from './authenticated.js';

/** Who sent a registry request, and by which credential. */
export interface Identity {
  readonly principal: Principal;
  readonly via: 'anonymous' | 'basic' | 'token';
  /** What the token was issued for, or what came with the request; nobody has none. */
  readonly credential?: Credential | undefined;
  /** The account's generation of credentials when the request came. */
  readonly generation?: number | undefined;
  /** What a personal access token leaves of the principal's rights; undefined: all of them. To be given to Permissions. */
  readonly narrowedTo?: readonly Narrowing[] | undefined;
  /** What the token allows at most; the live permission is asked besides. Empty unless `via` is 'token'. */
  readonly access: readonly Scope[];
  /** The token is genuine but past its time: good for nothing but continuing an upload session of the same subject. */
  readonly expired: boolean;
  /** When the credential ends by itself; undefined: it does not. */
  readonly endsAt?: Date | undefined;
  /** `user:7`, `robot:3` or `anonymous`: what an upload session is bound to. */
  readonly subject: string;
}

export const anonymousIdentity: Identity = {
  principal: anonymous,
  via: 'anonymous',
  access: [],
  expired: false,
  subject: 'anonymous',
};

export function identityOf(
  { principal, credential, generation, narrowedTo, endsAt }: Authenticated,
  token?: { readonly access: readonly Scope[]; readonly expired: boolean },
): Identity {
  const subject = principalKey(principal);
  if (token === undefined)
    return { principal, via: 'basic', credential, generation, narrowedTo, access: [], expired: false, endsAt, subject };
  const { access, expired } = token;
  return { principal, via: 'token', credential, generation, narrowedTo, access, expired, endsAt, subject };
}
