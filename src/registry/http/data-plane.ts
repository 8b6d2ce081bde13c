import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Identity } from '../../auth/identity.js';
import { RegistryAuth } from '../../auth/registry-auth.js';
import { Failure } from '../../errors/failure.js';
import { parseDigest } from '../../oci/digest.js';
import { parseReference } from '../../oci/reference.js';
import { parseRepositoryName, type RepositoryName } from '../../oci/repository-name.js';
import type { Scope } from '../../oci/scope.js';
import { Call, whenReady } from './call.js';
import { Gate, neededScopes } from './gate.js';
import { Operations, type Target } from './operations.js';
import { isDataPlane, type Path, parsePath } from './path.js';
import { Refusal } from './refusal.js';
import { RequestLog } from './request-log.js';
import { allowedMethods, type DataPlaneRoute, dataPlaneRoutes, findRoute } from './routes.js';

/** A request after parsing: nothing behind this looks at its URL again. */
interface Routed {
  readonly route: DataPlaneRoute;
  /** Empty on the routes without a repository. */
  readonly repository: RepositoryName;
  readonly target: Target;
  /** The query as it came. */
  readonly search: string;
}

/**
 * The registry protocol under `/v2/`, outside of Express: a request is routed, its parts are parsed, it is authorized in
 * one place, and a handler answers. A pull that finds everything in memory is answered without waiting for anything.
 */
@Injectable()
export class DataPlane {
  readonly routes: readonly DataPlaneRoute[] = dataPlaneRoutes;

  constructor(
    private readonly auth: RegistryAuth,
    private readonly gate: Gate,
    private readonly operations: Operations,
    private readonly refusal: Refusal,
    private readonly requestLog: RequestLog,
  ) {}

  /** Whether a request with this target is for `handle`. */
  serves(url: string): boolean {
    return isDataPlane(url);
  }

  /** Answers the request, well or badly; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    let routed: Routed | undefined;
    const refuse = (error: unknown): void =>
      this.refusal.send(request, response, error, routed ? scopesOf(routed) : []);
    try {
      this.requestLog.watch(request, response);
      const found = route(request.method ?? '', request.url ?? '');
      routed = found;
      const identity = this.auth.identify(request.headers.authorization, () => this.requestLog.addressOf(request));
      const done = whenReady(identity, (known) => this.#answer(request, response, found, known));
      if (done instanceof Promise) {
        done.catch(refuse);
      }
    } catch (error) {
      refuse(error);
    }
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { route, repository, target, search }: Routed,
    identity: Identity,
  ): void | Promise<void> {
    return whenReady(this.gate.check(identity, route, repository, target), () =>
      this.operations.run(route.operation, new Call(request, response, identity, repository, search), target),
    );
  }
}

/** Throws ROUTE_UNKNOWN, UNSUPPORTED, NAME_INVALID, DIGEST_INVALID or TAG_INVALID, in this order. */
function route(method: string, url: string): Routed {
  const question = url.indexOf('?');
  const path = parsePath(question < 0 ? url : url.slice(0, question));
  if (path === undefined) {
    throw new Failure('ROUTE_UNKNOWN');
  }
  const found = findRoute(path.resource, method);
  if (found === undefined) {
    throw new Failure('UNSUPPORTED', { headers: { Allow: allowedMethods(path.resource) } });
  }
  return {
    route: found,
    // The routes without a repository never look at the name.
    repository: path.name === '' ? ('' as RepositoryName) : parseRepositoryName(path.name),
    target: parseTarget(path),
    search: question < 0 ? '' : url.slice(question + 1),
  };
}

function scopesOf({ route, repository, search }: Routed): Scope[] {
  return neededScopes(route, repository, search);
}

function parseTarget({ resource, last }: Path): Target {
  switch (resource) {
    case 'manifest':
      return parseReference(last);
    case 'blob':
    case 'referrers':
      return parseDigest(last);
    default:
      return last;
  }
}
