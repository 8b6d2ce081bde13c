import { Inject, Injectable } from '@nestjs/common';
import { type Action, includes, isAction } from '../access/action.js';
import type { Identity } from '../auth/identity.js';
import type { FailureCode } from '../errors/catalog.js';
import { Failure } from '../errors/failure.js';
import { isRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Scope } from '../oci/scope.js';
import { Permissions } from '../permissions/permissions.js';
import { UploadSessions } from '../registry/upload-sessions.js';
import type { DataPlaneRoute } from './route.js';

/** What is to be done, as the gate has to know it. */
export interface GatedCall {
  readonly route: Pick<DataPlaneRoute, 'actions' | 'scope' | 'outlivesToken' | 'mounts'>;
  /** Undefined where the path names none. */
  readonly repository: RepositoryName | undefined;
  /** What it is about in the repository: of a route that outlives its token, the id of the upload session. */
  readonly target: unknown;
  /** The query as it came. */
  readonly search: string;
}

/** The token does not cover the source of a mount, which its owner may read. The challenge asks for one that does. */
export class SourceOutOfScope extends Failure {
  constructor(readonly source: Scope) {
    super('INSUFFICIENT_SCOPE');
  }
}

/** The principal lacks the right, so no other token would help. This is what the audit counts as denied. */
export class NotGranted extends Failure {
  constructor(
    code: FailureCode,
    readonly repository: RepositoryName,
    readonly missing: readonly Action[],
    options?: { readonly message: string; readonly detail: unknown },
  ) {
    super(code, options);
  }
}

/** What a token must cover for this request, and what the challenge of a 401 asks for. */
export function neededScopes({ route, repository, search }: Omit<GatedCall, 'target'>): Scope[] {
  if (repository === undefined) return typeof route.scope === 'object' ? [route.scope] : [];
  const own = { type: 'repository', name: repository, actions: route.actions };
  const from = route.mounts ? new URLSearchParams(search).get('from') : null;
  return from !== null && from !== repository && isRepositoryName(from) ? [own, pullScope(from)] : [own];
}

function pullScope(name: RepositoryName): Scope {
  return { type: 'repository', name, actions: ['pull'] };
}

/** The one place where the data plane decides whether a request may go on. */
@Injectable()
export class Gate {
  constructor(
    @Inject(Permissions) private readonly permissions: Pick<Permissions, 'allowedActions'>,
    @Inject(UploadSessions) private readonly sessions: Pick<UploadSessions, 'find'>,
  ) {}

  /**
   * Throws UNAUTHORIZED, TOKEN_INVALID, INSUFFICIENT_SCOPE (of a token) or DENIED (of a password). What the token says is
   * necessary, and the live permission is asked besides, so a revoked grant counts with the next request.
   * An expired token is good for going on with a live upload session of its subject, and for nothing else.
   */
  check(identity: Identity, call: GatedCall): void | Promise<void> {
    const { route, repository } = call;
    if (identity.via === 'anonymous') throw new Failure('UNAUTHORIZED');
    if (identity.expired && !this.#goesOn(identity, call))
      throw new Failure('TOKEN_INVALID', { message: 'the token has expired' });
    if (repository === undefined) return checkScope(identity, route.scope);
    const covered = route.actions.every((action) => tokenAllows(identity, repository, action));
    const allowed = this.permissions.allowedActions(identity.principal, repository, identity.narrowedTo);
    return allowed instanceof Promise
      ? allowed.then((permitted) => requireAll(identity, route.actions, repository, covered, permitted))
      : requireAll(identity, route.actions, repository, covered, allowed);
  }

  /** Whether the same identity may read another repository, the source of a mount, whatever its token says. */
  async mayPull({ principal, narrowedTo }: Identity, repository: RepositoryName): Promise<boolean> {
    return (await this.permissions.allowedActions(principal, repository, narrowedTo)).has('pull');
  }

  /** Throws SourceOutOfScope when the token does not speak of the source: a user who may read it gets one that does. */
  requirePullScope(identity: Identity, repository: RepositoryName): void {
    if (!tokenAllows(identity, repository, 'pull')) throw new SourceOutOfScope(pullScope(repository));
  }

  #goesOn({ subject }: Identity, { route, repository, target }: GatedCall): boolean {
    if (!route.outlivesToken || repository === undefined || typeof target !== 'string') return false;
    return this.sessions.find(target, repository, subject) !== undefined;
  }
}

/** Looks at tokens only: a password is good for every scope. */
function checkScope({ via, access }: Identity, needed: GatedCall['route']['scope']): void {
  if (needed === undefined) throw new Failure('DENIED'); // a route that states nothing lets nobody in
  if (needed === 'any' || via !== 'token') return;
  const [wanted = ''] = needed.actions;
  const covers = ({ type, name, actions }: Scope) =>
    type === needed.type && name === needed.name && (actions.includes(wanted) || actions.includes('*'));
  if (!access.some(covers)) throw new Failure('INSUFFICIENT_SCOPE');
}

/** Whether the token says so; true without one. */
export function tokenAllows({ via, access }: Identity, repository: RepositoryName, wanted: Action): boolean {
  if (via !== 'token') return true;
  for (const { type, name, actions } of access) {
    if (
      type === 'repository' &&
      name === repository &&
      actions.some((granted) => isAction(granted) && includes(granted, wanted))
    )
      return true;
  }
  return false;
}

/** @param covered whether the token, if there is one, says all that the route needs */
function requireAll(
  identity: Identity,
  actions: readonly Action[],
  repository: RepositoryName,
  covered: boolean,
  permitted: ReadonlySet<Action>,
): void {
  if (covered && actions.every((action) => permitted.has(action))) return;
  // A client with a token may get a better one; one with a password may not.
  const code = identity.via === 'token' ? 'INSUFFICIENT_SCOPE' : 'DENIED';
  const missing = actions.filter((action) => !permitted.has(action));
  if (missing.length === 0) throw new Failure(code);
  if (!permitted.has('pull')) throw new NotGranted(code, repository, missing);
  // Whoever may pull knows of the repository already. Everybody else gets the answer for one that does not exist.
  const message = `${missing.join(', ')} on ${repository} is not granted to you`;
  throw new NotGranted(code, repository, missing, { message, detail: { repository, missing } });
}
