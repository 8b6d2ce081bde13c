import type { Action } from '../access/action.js';
import type { Scope } from '../oci/scope.js';

/** What a route of the data plane states beside its handler. */
export interface DataPlaneRoute {
  readonly method: string;
  /** As OCI writes it: `/v2/<name>/manifests/<reference>`. */
  readonly path: string;
  /** What it takes to be allowed in the repository: every one, and a 401 names them. Empty where the path names no repository. */
  readonly actions: readonly Action[];
  /** What a token must cover on a path that names no repository; `any` where every valid credential will do. Undefined where the path names one. */
  readonly scope: Scope | 'any' | undefined;
  /** A long push goes on with a token that expired while its session was alive. */
  readonly outlivesToken: boolean;
  /** A query may name a repository (`from`) that something is taken from, which a token should speak of as well. */
  readonly mounts: boolean;
  /** When it changes rows, which are written down with who did it; with a query, where the same request without one changes none. */
  readonly records: 'never' | 'always' | 'with a query';
  /** What the body of the request is; undefined for none, or for none worth mentioning. */
  readonly takes: 'manifest' | 'blob' | undefined;
  /** What the body of the answer is, where it may be large. */
  readonly gives: 'blob' | undefined;
}
