import { type RoutePolicy, routePolicyOf } from '../../access/route-policy.js';
import { SendEntityTag } from '../../http/if-match.js';
import { type ArgumentClass, nestRoutesOf } from '../../http/nest-routes.js';
import { LinkNextPage } from '../lists/link-next-page.js';
import type { Resource } from './resource.js';

/** One route of a controller, as the description needs it. */
export interface Route {
  readonly handler: string;
  /** In lower case, as OpenAPI writes it. */
  readonly method: string;
  /** `/api/v1/users/{username}` */
  readonly path: string;
  readonly parameters: readonly string[];
  readonly policy: RoutePolicy;
  readonly status: number;
  readonly body: ArgumentClass | undefined;
  readonly query: ArgumentClass | undefined;
  readonly tagged: boolean;
  readonly paged: boolean;
}

/** The routes of a controller. Throws for one without a policy. */
export function routesOf(controller: Resource['controller']): Route[] {
  return nestRoutesOf(controller).map(({ target, interceptors, method, path, ...route }) => {
    const policy = routePolicyOf(target, controller);
    if (policy === undefined) throw new Error(`${controller.name}.${route.handler} has no policy`);
    return {
      ...route,
      method: method.toLowerCase(),
      path,
      parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      policy,
      tagged: interceptors.some((one) => one instanceof SendEntityTag),
      paged: interceptors.includes(LinkNextPage),
    };
  });
}
