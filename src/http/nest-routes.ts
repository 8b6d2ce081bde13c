import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import {
  CONTROLLER_WATERMARK,
  HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PARAMTYPES_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';

/** A class with `@Controller`. */
export interface Controller {
  readonly name: string;
  readonly prototype: object;
}

/** The class of an argument, made without arguments of its own. */
export type ArgumentClass = new () => object;

/** One route as Nest serves it. A handler with two paths is two routes. */
export interface NestRoute {
  /** The name of the method, and the method. */
  readonly handler: string;
  readonly target: object;
  /** `GET` */
  readonly method: string;
  /** `/api/v1/users/{username}` */
  readonly path: string;
  /** Of an answer without failure. */
  readonly status: number;
  readonly interceptors: readonly unknown[];
  /** What `@Body()` and `@Query()` stand at. */
  readonly body: ArgumentClass | undefined;
  readonly query: ArgumentClass | undefined;
}

/**
 * The only file that reads what Nest's decorators leave on a class. Nest does not document where that is, so every key comes
 * from Nest itself, and the spec beside this file compares what is read with what was decorated.
 */
export function isController(value: unknown): value is Controller {
  return typeof value === 'function' && Reflect.hasMetadata(CONTROLLER_WATERMARK, value);
}

/** Every route of a controller. Throws when what Nest keeps of one is not where it used to be. */
export function nestRoutesOf(controller: Controller): NestRoute[] {
  return Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
    .filter(([, { value }]) => typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value))
    .flatMap(([handler, { value }]) => routesOfHandler(controller, handler, value));
}

function routesOfHandler(controller: Controller, handler: string, target: object): NestRoute[] {
  const name = `${controller.name}.${handler}`;
  const method = RequestMethod[kept<number>(METHOD_METADATA, target, name)];
  if (method === undefined) throw new Error(`${name} has a method that Nest does not name`);
  const route = {
    ...{ handler, target, method },
    status: (Reflect.getMetadata(HTTP_CODE_METADATA, target) as number | undefined) ?? (method === 'POST' ? 201 : 200),
    interceptors: (Reflect.getMetadata(INTERCEPTORS_METADATA, target) as unknown[] | undefined) ?? [],
    body: argumentClass(controller, handler, RouteParamtypes.BODY),
    query: argumentClass(controller, handler, RouteParamtypes.QUERY),
  };
  const paths = (of: object) => [kept<string | string[]>(PATH_METADATA, of, name)].flat();
  return paths(controller).flatMap((folder) => paths(target).map((path) => ({ ...route, path: joined(folder, path) })));
}

function kept<T>(key: string, of: object, name: string): T {
  const value = Reflect.getMetadata(key, of) as T | undefined;
  if (value === undefined)
    throw new Error(`Nest does not keep "${key}" of ${name} where it did: mend ${import.meta.filename}`);
  return value;
}

/** `:id` and `*name` become `{id}` and `{name}`; `\:` is a colon. */
function joined(...parts: string[]): string {
  const segments = parts.map((part) => part.replaceAll(/^\/|\/$/g, '')).filter((part) => part !== '');
  return `/${segments.join('/')}`.replaceAll(/(?<!\\)[:*](\w+)/g, '{$1}').replaceAll('\\:', ':');
}

/** Nest keeps the arguments under `<source>:<index>`; the compiler keeps their classes. */
function argumentClass(controller: Controller, handler: string, source: RouteParamtypes): ArgumentClass | undefined {
  const places = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) as Record<string, { index: number }>;
  const place = Object.entries(places ?? {}).find(([key]) => key.startsWith(`${source}:`))?.[1];
  if (place === undefined) return undefined;
  const classes = Reflect.getMetadata(PARAMTYPES_METADATA, controller.prototype, handler) as ArgumentClass[];
  return classes[place.index];
}
