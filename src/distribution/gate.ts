import { Inject, Injectable } from '@nestjs/common';
import { type Action, includes, isAction } from '../access/action.js';
import type { Identity } from '../auth/identity.js';
import type { FailureCode } from '../errors/catalog.js';
import { Failure } from '../errors/failure.js';
import { isRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Scope } from '../oci/scope.js';
import { Permissions } from '../permissions/permissions.js';
import { UploadSessions } from '../registry/upload-sessions.js';
import type { Target } from './operations.js';
import type { DataPlaneRoute } from './routes.js';

const catalogScope: Scope = { type: 'registry', name: 'catalog', actions: ['*'] };
/** As docker asks for it. */
const searchScope: Scope = { type: 'registry', name: 'catalog', actions: ['search'] };

/** A token of somebody who may read the source of a mount, which the token does not say. A better one will do. */
export class SourceOutOfScope extends Failure {
  constructor(readonly source: Scope) {
    super('INSUFFICIENT_SCOPE');
  }
}

/** The principal itself may not do it, whatever the credential says. */
export class NotGranted extends Failure {
  constructor(
    code: FailureCode,
    readonly missing: readonly Action[],
    options?: { readonly message: string; readonly detail: unknown },
  ) {
    super(code, options);
  }
}

/** What a token must cover for this request, and what the challenge of a 401 asks for. */
export function neededScopes(route: DataPlaneRoute, name: string, search: string): Scope[] {
  if (route.resource === 'catalog' || route.resource === 'search')
    return [route.resource === 'catalog' ? catalogScope : searchScope];
  if (route.actions.length === 0) return [];
  const own = { type: 'repository', name, actions: route.actions };
  const from = route.operation === 'startUpload' ? new URLSearchParams(search).get('from') : null;
  return from !== null && from !== name && isRepositoryName(from) ? [own, pullScope(from)] : [own];
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
  check(identity: Identity, route: DataPlaneRoute, repository: RepositoryName, target: Target): void | Promise<void> {
    if (identity.via === 'anonymous') throw new Failure('UNAUTHORIZED');
    if (identity.expired && !this.#goesOn(identity, route, repository, target))
      throw new Failure('TOKEN_INVALID', { message: 'the token has expired' });
    if (route.resource === 'catalog' || route.resource === 'search')
      return checkCatalog(identity, route.resource === 'catalog' ? catalogScope : searchScope);
    if (route.actions.length === 0) return;
    const covered = route.actions.every((action) => tokenAllows(identity, repository, action));
    const allowed = this.permissions.allowedActions(identity.principal, repository, identity.narrowedTo);
    return allowed instanceof Promise
      ? allowed.then((permitted) => requireAll(identity, route, repository, covered, permitted))
      : requireAll(identity, route, repository, covered, allowed);
  }

  /** Whether the same identity may read another repository, the source of a mount, whatever its token says. */
  async mayPull({ principal, narrowedTo }: Identity, repository: RepositoryName): Promise<boolean> {
    return (await this.permissions.allowedActions(principal, repository, narrowedTo)).has('pull');
  }

  /** Throws SourceOutOfScope when the token does not speak of the source: whoever may read it gets one that does. */
  requirePullScope(identity: Identity, repository: RepositoryName): void {
    if (!tokenAllows(identity, repository, 'pull')) throw new SourceOutOfScope(pullScope(repository));
  }

  #goesOn({ subject }: Identity, route: DataPlaneRoute, repository: RepositoryName, target: Target): boolean {
    return (
      route.outlivesToken && typeof target === 'string' && this.sessions.find(target, repository, subject) !== undefined
    );
  }
}

function checkCatalog({ via, access }: Identity, { actions: [wanted = ''] }: Scope): void {
  const says = ({ type, name, actions }: Scope) =>
    type === 'registry' && name === 'catalog' && (actions.includes(wanted) || actions.includes('*'));
  if (via === 'token' && !access.some(says)) throw new Failure('INSUFFICIENT_SCOPE');
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
  { actions }: DataPlaneRoute,
  repository: RepositoryName,
  covered: boolean,
  permitted: ReadonlySet<Action>,
): void {
  if (covered && actions.every((action) => permitted.has(action))) return;
  // Whoever came with a token may get a better one; whoever came with a password may not (protocol.md, "401 or 403").
  const code = identity.via === 'token' ? 'INSUFFICIENT_SCOPE' : 'DENIED';
  const missing = actions.filter((action) => !permitted.has(action));
  if (missing.length === 0) throw new Failure(code);
  if (!permitted.has('pull')) throw new NotGranted(code, missing);
  // Whoever may pull knows of the repository already. Everybody else gets the answer for one that does not exist.
  const message = `${missing.join(', ')} on ${repository} is not granted to you`;
  throw new NotGranted(code, missing, { message, detail: { repository, missing } });
}
