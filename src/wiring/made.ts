import type { Abstract, FactoryProvider } from '@nestjs/common';

/** A class by which a module knows a part, or the name of something that is none. */
type PartOf<Part> = Abstract<Part> | symbol;

/**
 * How a module makes a class below the edge, which knows nothing of Nest: of these parts, in the order of its constructor.
 * The compiler refuses a part of another type, one too few and one too many.
 */
export function made<Parts extends readonly unknown[], Whole>(
  whole: new (...parts: Parts) => Whole,
  ...parts: { readonly [Place in keyof Parts]: PartOf<Parts[Place]> }
): FactoryProvider<Whole> {
  return { provide: whole, inject: [...parts] as PartOf<unknown>[], useFactory: (...of: Parts) => new whole(...of) };
}
