import 'reflect-metadata';

const key = Symbol('also-on-full-disk');

/**
 * A route that takes something away, which everybody may do on a disk of which only the reserve is left. So is every route with the
 * method DELETE, and whatever is open to everybody, which is signing in.
 */
export const AlsoOnFullDisk = (): MethodDecorator => (_prototype, _name, descriptor) => {
  if (descriptor.value) Reflect.defineMetadata(key, true, descriptor.value);
};

export function isOpenOnFullDisk(handler: object): boolean {
  return Reflect.hasMetadata(key, handler);
}
