import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { type RoutePolicy, routePolicyOf } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { Permissions } from '../../permissions/permissions.js';
import { requestAsker } from '../signed-in.js';
import { allowsNarrowed } from './allows-narrowed.js';
import { isOpenBeforePasswordChange } from './before-password-change.js';
import { Csrf } from './csrf.js';
import { localAdministrator } from './local-administrator.js';
import { SecretSignIn } from './secret-sign-in.js';
import { mayCarrySession, sessionStrategy } from './session.strategy.js';

/**
 * The one guard of REST and pages: who is signed in, whether the request is really theirs, and whether the route's policy
 * lets them. A route without a policy is refused.
 */
@Injectable()
export class AccessGuard extends AuthGuard(sessionStrategy) {
  constructor(
    private readonly permissions: Permissions,
    private readonly csrf: Csrf,
    private readonly secrets: SecretSignIn,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(context.getHandler(), context.getClass());
    if (policy === undefined) throw new Failure('DENIED');
    const request = context.switchToHttp().getRequest<Request>();
    const known = localAdministrator(request) ?? (await this.secrets.find(request));
    if (known !== undefined) request.user = known;
    else if (mayCarrySession(request)) await super.canActivate(context);
    this.csrf.check(request, { tokenNeeded: policy.kind !== 'public' });
    if (policy.kind === 'public') return true;
    if (request.user?.user?.mustChangePassword && !isOpenBeforePasswordChange(context.getHandler())) {
      throw new Failure('PASSWORD_CHANGE_REQUIRED');
    }
    await this.check(policy, request, context.getHandler());
    return true;
  }

  /** Being signed in is for the policy to ask; nobody signed in is `undefined`. */
  override handleRequest<T>(error: unknown, user: T | false): T {
    if (error) throw error;
    return (user || undefined) as T; // passport's guard has no type for "nobody"
  }

  private async check(
    policy: Exclude<RoutePolicy, { kind: 'public' }>,
    request: Request,
    handler: object,
  ): Promise<void> {
    switch (policy.kind) {
      case 'signed-in':
        if (!request.user) throw new Failure('UNAUTHORIZED');
        if (request.user.narrowedTo && !allowsNarrowed(handler)) throw narrowed();
        return;
      case 'admin':
        if (!request.user) throw new Failure('UNAUTHORIZED');
        if (request.user.user?.role !== 'admin') throw new Failure('DENIED');
        if (request.user.narrowedTo) throw narrowed();
        return;
      case 'repository':
        return await this.checkRepository(policy, request);
    }
  }

  /** Existence is private: who may not pull gets the answer for a repository that does not exist. */
  private async checkRepository(
    { action, parameter }: Extract<RoutePolicy, { kind: 'repository' }>,
    request: Request,
  ): Promise<void> {
    const text = request.params[parameter];
    const name = parseRepositoryName(Array.isArray(text) ? text.join('/') : (text ?? ''));
    const { principal, narrowedTo } = requestAsker(request);
    const permitted = await this.permissions.allowedActions(principal, name, narrowedTo);
    if (permitted.has(action)) return;
    if (!request.user) throw new Failure('UNAUTHORIZED');
    throw new Failure(permitted.has('pull') ? 'DENIED' : 'NOT_FOUND');
  }
}

function narrowed(): Failure {
  return new Failure('DENIED', { message: 'this access token is for some repositories only' });
}
