import 'reflect-metadata';

const key = Symbol('allows-narrowed');

/**
 * A route for everybody signed in that a narrowed access token may use as well, because its handler passes what
 * {@link requestAsker} says on to Permissions. Without this such a token is refused, so a route nobody thought about
 * gives it nothing of its owner's other rights.
 */
export const AllowsNarrowed = (): MethodDecorator => (_prototype, _name, descriptor) => {
  if (descriptor.value) Reflect.defineMetadata(key, true, descriptor.value);
};

export function allowsNarrowed(handler: object): boolean {
  return Reflect.hasMetadata(key, handler);
}
