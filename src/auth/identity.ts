import { anonymous, type Principal, principalKey } from '../access/principal.js';
import type { Scope } from '../oci/scope.js';

/** Who sent a registry request, and by which credential. */
export interface Identity {
  readonly principal: Principal;
  readonly via: 'anonymous' | 'basic' | 'token';
  /** What the token allows at most; the live permission is asked besides. Empty unless `via` is 'token'. */
  readonly access: readonly Scope[];
  /** The token is genuine but past its time: good for nothing but continuing an upload session of the same subject. */
  readonly expired: boolean;
  /** The `principalKey`: what an upload session is bound to. */
  readonly subject: string;
}

export const anonymousIdentity: Identity = {
  principal: anonymous,
  via: 'anonymous',
  access: [],
  expired: false,
  subject: principalKey(anonymous),
};
