import type { Request } from 'express';
import type { RoutePolicy } from '../../access/route-policy.js';
import type { LiveHolder } from '../../auth/live-holder.js';
import { Failure } from '../../errors/failure.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import type { Permissions } from '../../permissions/permissions.js';
import type { Sessions } from '../../users/sessions.js';
import { allowsNarrowed } from './allows-narrowed.js';
import { isOpenBeforePasswordChange } from './before-password-change.js';
import { requestAsker, type SignedIn } from './signed-in.js';

/** Whether somebody may use a route of REST or the pages: asked when the request comes, and again when it is about to do something. */
export class RouteAccess {
  readonly #questions = new WeakMap<Request, () => Promise<void>>();

  constructor(
    private readonly permissions: Pick<Permissions, 'allowedActions'>,
    private readonly holder: Pick<LiveHolder, 'again'>,
    private readonly sessions: Pick<Sessions, 'find'>,
  ) {}

  /** Throws UNAUTHORIZED, PASSWORD_CHANGE_REQUIRED, DENIED or NOT_FOUND. To be asked once `request.user` is known. */
  async admit(policy: Exclude<RoutePolicy, { kind: 'public' }>, request: Request, handler: object): Promise<void> {
    await this.#check(policy, request, handler);
    this.#questions.set(request, async () => {
      if (request.user !== undefined) request.user = await this.#asOfNow(request.user);
      await this.#check(policy, request, handler);
    });
  }

  /**
   * The same question about a request that was admitted, of whom it comes from as they are now; `request.user` is that from then on.
   * Throws as {@link admit}. A route that is open to everybody asks nothing.
   */
  async askAgain(request: Request): Promise<void> {
    await this.#questions.get(request)?.();
  }

  async #asOfNow(known: SignedIn): Promise<SignedIn> {
    const { sid, via } = known;
    if (via === 'local') return known;
    const [who, session] = await Promise.all([
      this.holder.again(known, 'itself'),
      sid === undefined ? true : this.sessions.find(sid),
    ]);
    if (who === undefined || session === undefined) throw new Failure('UNAUTHORIZED');
    return { ...who, via, ...(sid !== undefined && { sid }) };
  }

  async #check(policy: Exclude<RoutePolicy, { kind: 'public' }>, request: Request, handler: object): Promise<void> {
    if (request.user?.user?.mustChangePassword && !isOpenBeforePasswordChange(handler))
      throw new Failure('PASSWORD_CHANGE_REQUIRED');
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
        return await this.#checkRepository(policy, request);
    }
  }

  /** Existence is private: who may not pull gets the answer for a repository that does not exist. */
  async #checkRepository(
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
