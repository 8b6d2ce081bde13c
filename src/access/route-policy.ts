import 'reflect-metadata';
import type { Action } from './action.js';

/** Who may use a route of the REST API or a page. */
export type RoutePolicy =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'admin' }
  /** Whoever may do this to the repository that the route parameter names. */
  | { readonly kind: 'repository'; readonly action: Action; readonly parameter: string };

type RouteDecorator = MethodDecorator & ClassDecorator;

const metadataKey = 'berth:route-policy';

export const Public = (): RouteDecorator => policy({ kind: 'public' });
export const SignedIn = (): RouteDecorator => policy({ kind: 'signed-in' });
export const AdminOnly = (): RouteDecorator => policy({ kind: 'admin' });
export const Requires = (action: Action, parameter = 'name'): RouteDecorator =>
  policy({ kind: 'repository', action, parameter });

/** The handler's own policy, else its controller's. Undefined means that nobody has thought about it: fail closed. */
export function routePolicyOf(handler: object, controller: object): RoutePolicy | undefined {
  return Reflect.getMetadata(metadataKey, handler) ?? Reflect.getMetadata(metadataKey, controller);
}

function policy(value: RoutePolicy): RouteDecorator {
  return (target: object, _key?: string | symbol, descriptor?: { value?: unknown }): void => {
    const handler = descriptor?.value;
    Reflect.defineMetadata(metadataKey, value, typeof handler === 'function' ? handler : target);
  };
}
