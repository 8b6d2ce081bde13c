import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { routePolicyOf } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { Csrf } from './csrf.js';
import { localAdministrator } from './local-administrator.js';
import { RouteAccess } from './route-access.js';
import { SecretSignIn } from './secret-sign-in.js';
import { mayCarrySession, sessionStrategy } from './session.strategy.js';

/**
 * The one guard of REST and pages: who is signed in, whether the request is really theirs, and whether the route's policy
 * lets them. A route without a policy is refused.
 */
@Injectable()
export class AccessGuard extends AuthGuard(sessionStrategy) {
  constructor(
    private readonly access: RouteAccess,
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
    await this.access.admit(policy, request, context.getHandler());
    return true;
  }

  /** Being signed in is for the policy to ask; nobody signed in is `undefined`. */
  override handleRequest<T>(error: unknown, user: T | false): T {
    if (error) throw error;
    return (user || undefined) as T; // passport's guard has no type for "nobody"
  }
}
