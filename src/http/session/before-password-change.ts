import 'reflect-metadata';

const key = Symbol('before-password-change');

/** A route that somebody may use who has to change the password first: changing it, and signing out. */
export const BeforePasswordChange = (): MethodDecorator => (_prototype, _name, descriptor) => {
  if (descriptor.value) Reflect.defineMetadata(key, true, descriptor.value);
};

export function isOpenBeforePasswordChange(handler: object): boolean {
  return Reflect.hasMetadata(key, handler);
}
