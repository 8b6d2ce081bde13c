import { type Berth, type BerthOptions, startBerth } from '../../support/berth.js';
import type { Answer } from '../../support/http.js';
import { administrator, type Caller, Callers } from '../matrix/callers.js';
import { Objects } from '../matrix/objects.js';
import { makeRequest, type Request } from '../matrix/request.js';
import { allRoutes, type Route } from '../matrix/routes.js';
import { everythingStored } from '../matrix/rows-on-disk.js';
import { nameOf } from '../matrix/table.js';
import { inParallel, recipes, Walker } from '../matrix/walk.js';

/** What the specs of bad input share: a Berth with one of everything, its routes, and the administrator's requests for each. */
export class Stage {
  private constructor(
    readonly berth: Berth,
    readonly objects: Objects,
    readonly routes: readonly Route[],
    readonly admin: { readonly cookie: Caller; readonly bearer: Caller },
    private readonly walker: Walker,
  ) {}

  static async set(options?: BerthOptions): Promise<Stage> {
    const env = { BERTH_LOGIN_FAILURES: '100000', BERTH_LAYOUT_MIRROR: 'false', ...options?.env };
    const berth = await startBerth({ ...options, env });
    const objects = await Objects.prepare(berth);
    const walker = new Walker({ objects, callers: Callers.none(berth) });
    return new Stage(berth, objects, await allRoutes(), await administrator(berth), walker);
  }

  async strike(): Promise<void> {
    this.walker.end();
    await this.berth.stop();
  }

  /** The request of a route as the matrix makes it, about the things that are there all the time. */
  async request(route: Route, caller: Caller = this.admin.bearer): Promise<Request> {
    const cell = { route, where: 'private', caller, allowed: false } as const;
    const kitchen = { objects: this.objects, callers: Callers.none(this.berth) };
    return await makeRequest(cell, recipes[nameOf(route)], kitchen);
  }

  ask(request: Request): Promise<Answer> {
    return this.walker.ask(request);
  }

  /** The answers that are not as they should be, in words. @param judge undefined for a good answer */
  async complaints<Q extends Request>(
    requests: readonly Q[],
    judge: (answer: Answer, request: Q) => string | undefined,
  ): Promise<string[]> {
    const found = await inParallel(requests, async (request) => {
      const complaint = judge(await this.ask(request), request);
      return complaint === undefined ? [] : [complaint];
    });
    return found.flat();
  }

  /** Everything that a change would change. */
  async stored(): Promise<string[]> {
    return [...(await everythingStored(this.berth.dataDir)), ...(await this.objects.uploaded())];
  }
}

/** A judge: one of these statuses. What is said of others names the request. */
export function answers(...statuses: readonly number[]): (answer: Answer, request: Request) => string | undefined {
  return ({ status, body }, { method, path, body: sent }) =>
    statuses.includes(status)
      ? undefined
      : `${method} ${path} ${String(sent ?? '').slice(0, 200)} answered ${status} ${body.toString().slice(0, 200)}`;
}
