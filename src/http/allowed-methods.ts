import type { Request } from 'express';

/** What Express keeps of a route; it has no public way to ask which routes a path has. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** Every method that some route answers at the path of this request, for the Allow header of a 405; none where there is nothing. */
export function allowedMethods({ app, path }: Pick<Request, 'app' | 'path'>): string[] {
  const layers = app.router.stack as unknown as readonly Layer[]; // its types leave out `match`
  const methods = layers.flatMap((layer) =>
    layer.route !== undefined && layer.match(path) ? Object.keys(layer.route.methods) : [],
  );
  const known = new Set(methods.map((method) => method.toUpperCase()));
  if (known.has('GET')) known.add('HEAD');
  return [...known];
}
