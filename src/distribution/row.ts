import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Action } from '../access/action.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Scope } from '../oci/scope.js';
import { Call, RepositoryCall } from './call.js';
import type { Handlers } from './handlers.js';
import type { DataPlaneRoute } from './route.js';

/** What a row may leave out. */
type Options = Partial<Pick<DataPlaneRoute, 'outlivesToken' | 'mounts' | 'records' | 'takes' | 'gives'>>;

/** A route whose path names no repository. */
interface RegistryAnswer extends Options {
  /** What a token must cover; `any` where every valid credential will do. */
  readonly needs: Scope | 'any';
  readonly handle: (handlers: Handlers, call: Call) => void | Promise<void>;
}

/** A route whose path names a repository and perhaps something in it, the target. */
interface RepositoryAnswer<Target> extends Options {
  /** What it takes to be allowed: all of them. */
  readonly needs: readonly [Action, ...Action[]];
  /** Parses the last part of the path, as it came; throws what is wrong with it. */
  readonly target: (text: string) => Target;
  readonly handle: (handlers: Handlers, call: RepositoryCall, target: Target) => void | Promise<void>;
}

/** A request that was matched with its row. */
export interface RoutedCall extends Call {
  readonly route: DataPlaneRoute;
  /** Undefined where the path names none. */
  readonly repository: RepositoryName | undefined;
  readonly target: unknown;
  /** Has the handler of the row answer it. */
  run(handlers: Handlers): void | Promise<void>;
}

/** A row of the route table. */
export interface Row extends DataPlaneRoute {
  /**
   * Parses what the path names. Throws NAME_INVALID, then what the parser of the target throws.
   * @param name of the repository and `last`, the part behind the keyword, as they came; empty where the path has none
   */
  open(request: IncomingMessage, response: ServerResponse, name: string, last: string, search: string): RoutedCall;
}

/** Rows for a path that names no repository, one for each method. */
export function registryRows(methods: readonly string[], path: string, answer: RegistryAnswer): Row[] {
  return methods.map((method) => new RegistryRow(method, path, answer));
}

/** Rows for a path that names a repository, one for each method. */
export function repositoryRows<Target>(
  methods: readonly string[],
  path: string,
  answer: RepositoryAnswer<Target>,
): Row[] {
  return methods.map((method) => new RepositoryRow(method, path, answer));
}

abstract class RowOf {
  readonly outlivesToken: boolean;
  readonly mounts: boolean;
  readonly records: DataPlaneRoute['records'];
  readonly takes: DataPlaneRoute['takes'];
  readonly gives: DataPlaneRoute['gives'];

  constructor(
    readonly method: string,
    readonly path: string,
    { outlivesToken = false, mounts = false, records = 'never', takes, gives }: Options,
  ) {
    this.outlivesToken = outlivesToken;
    this.mounts = mounts;
    this.records = records;
    this.takes = takes;
    this.gives = gives;
  }
}

class RegistryRow extends RowOf implements Row {
  readonly actions: readonly Action[] = [];
  readonly scope: Scope | 'any';

  constructor(
    method: string,
    path: string,
    readonly answer: RegistryAnswer,
  ) {
    super(method, path, answer);
    this.scope = answer.needs;
  }

  open(request: IncomingMessage, response: ServerResponse, _name: string, _last: string, search: string): RoutedCall {
    return new RoutedRegistryCall(request, response, search, this);
  }
}

class RepositoryRow<Target> extends RowOf implements Row {
  readonly actions: readonly Action[];
  readonly scope = undefined;

  constructor(
    method: string,
    path: string,
    readonly answer: RepositoryAnswer<Target>,
  ) {
    super(method, path, answer);
    this.actions = answer.needs;
  }

  open(request: IncomingMessage, response: ServerResponse, name: string, last: string, search: string): RoutedCall {
    const repository = parseRepositoryName(name);
    return new RoutedRepositoryCall(request, response, search, repository, this, this.answer.target(last));
  }
}

class RoutedRegistryCall extends Call implements RoutedCall {
  readonly repository = undefined;
  readonly target = undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
    readonly route: RegistryRow,
  ) {
    super(request, response, search);
  }

  run(handlers: Handlers): void | Promise<void> {
    return this.route.answer.handle(handlers, this);
  }
}

class RoutedRepositoryCall<Target> extends RepositoryCall implements RoutedCall {
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
    repository: RepositoryName,
    readonly route: RepositoryRow<Target>,
    readonly target: Target,
  ) {
    super(request, response, search, repository);
  }

  run(handlers: Handlers): void | Promise<void> {
    return this.route.answer.handle(handlers, this, this.target);
  }
}
