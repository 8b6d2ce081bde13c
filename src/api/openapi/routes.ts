import { RequestMethod } from '@nestjs/common';
import { type RoutePolicy, routePolicyOf } from '../../access/route-policy.js';
import { SendEntityTag } from '../../http/if-match.js';
import { LinkNextPage } from '../lists/link-next-page.js';
import type { BodyClass } from './body-schema.js';
import type { Resource } from './resource.js';

/** One route of a controller, as Nest serves it. */
export interface Route {
  readonly handler: string;
  /** In lower case, as OpenAPI writes it. */
  readonly method: string;
  /** `/api/v1/users/{username}` */
  readonly path: string;
  readonly parameters: readonly string[];
  readonly policy: RoutePolicy;
  readonly status: number;
  readonly body?: BodyClass;
  readonly query?: BodyClass;
  readonly tagged: boolean;
  readonly paged: boolean;
}

/** Nest's numbers for the sources of a handler's arguments. */
const bodySource = '3';
const querySource = '4';

/** The routes of a controller, from the metadata that Nest itself goes by. */
export function routesOf(controller: Resource['controller']): Route[] {
  return Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
    .filter(([, { value }]) => typeof value === 'function' && Reflect.hasMetadata('method', value))
    .map(([handler, { value }]) => routeOf(controller, handler, value));
}

function routeOf(controller: Resource['controller'], handler: string, value: object): Route {
  const method = RequestMethod[Reflect.getMetadata('method', value) as number] ?? '';
  const policy = routePolicyOf(value, controller);
  if (policy === undefined) throw new Error(`${controller.name}.${handler} has no policy`);
  const parts = [Reflect.getMetadata('path', controller), Reflect.getMetadata('path', value)] as string[];
  const joined = parts.map((part) => part.replace(/^\/|\/$/g, '')).filter((part) => part !== '');
  const path = `/${joined.join('/')}`.replace(/(?<!\\):(\w+)/g, '{$1}').replaceAll('\\:', ':');
  const interceptors: unknown[] = Reflect.getMetadata('__interceptors__', value) ?? [];
  const [body, query] = [bodySource, querySource].map((source) => argumentClass(controller, handler, source));
  return {
    handler,
    method: method.toLowerCase(),
    path,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    policy,
    status: Reflect.getMetadata('__httpCode__', value) ?? (method === 'POST' ? 201 : 200),
    ...(body && { body }),
    ...(query && { query }),
    tagged: interceptors.some((one) => one instanceof SendEntityTag),
    paged: interceptors.includes(LinkNextPage),
  };
}

/** The class of the argument that comes from the body or the query. */
function argumentClass(controller: Resource['controller'], handler: string, source: string): BodyClass | undefined {
  const places: Record<string, { index: number }> =
    Reflect.getMetadata('__routeArguments__', controller, handler) ?? {};
  const place = Object.entries(places).find(([key]) => key.split(':')[0] === source)?.[1];
  const types: BodyClass[] = Reflect.getMetadata('design:paramtypes', controller.prototype, handler) ?? [];
  return place && types[place.index];
}
