import type { FailureCode } from '../../errors/catalog.js';
import type { Controller } from '../../http/nest-routes.js';
import type { Schema } from './schema.js';

/** What only a person can say of a route; path, policy, parameters and body are read from the code. */
export interface OperationText {
  /** operationId: a verb and its object. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  /** Example of the body; needed where there is one. */
  readonly body?: unknown;
  /** Left out: the route answers with nothing. */
  readonly answer?: { readonly schema: Schema; readonly example: unknown; readonly mediaType?: string };
  /** Another status with the same answer. */
  readonly also?: number;
  /** Beyond those that follow from policy, parameters and body. */
  readonly errors?: readonly FailureCode[];
  /** A list that says how long it is. */
  readonly counts?: true;
  /** Takes If-Match. */
  readonly conditional?: boolean;
}

/** A parameter of paths or queries, under its name. */
export interface ParameterText {
  readonly description: string;
  readonly example: string | number;
  /** In place of what the class of the query says. */
  readonly schema?: Schema;
}

/** One controller as OpenAPI describes it. */
export interface Resource {
  readonly tag: string;
  readonly controller: Controller;
  readonly operations: Readonly<Record<string, OperationText>>;
  readonly parameters?: Readonly<Record<string, ParameterText>>;
  readonly schemas?: Readonly<Record<string, Schema>>;
}

/** Every public method of the controller has its text, or this does not compile. */
export function describeResource<C extends object>(
  controller: { readonly prototype: C; readonly name: string },
  tag: string,
  operations: { readonly [K in keyof C]: OperationText },
  more: Pick<Resource, 'parameters' | 'schemas'> = {},
): Resource {
  return { tag, controller, operations, ...more };
}
