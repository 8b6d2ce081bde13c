import type { RoutePolicy } from '../access/route-policy.js';

export interface RealmRoute {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly policy: RoutePolicy;
}

/** Every route of the token realm, which Nest knows nothing of. Whoever asks gets a token, of nobody if need be. */
export const realmRoutes: readonly RealmRoute[] = [
  { method: 'GET', path: '/token', policy: { kind: 'public' } },
  { method: 'HEAD', path: '/token', policy: { kind: 'public' } },
  { method: 'POST', path: '/token', policy: { kind: 'public' } },
];
