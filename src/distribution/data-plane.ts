import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { withOrigin } from '../audit/origin.js';
import type { Identity } from '../auth/identity.js';
import { RegistryAuth } from '../auth/registry-auth.js';
import { CONFIG, type Config } from '../config/config.js';
import { catalog } from '../errors/catalog.js';
import { Failure, isFailure, withAllow } from '../errors/failure.js';
import { originOf } from '../http/change-origin.js';
import { parseDigest } from '../oci/digest.js';
import { isTag, parseReference, type Reference } from '../oci/reference.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Scope } from '../oci/scope.js';
import { DiskReserve } from '../storage/disk-reserve.js';
import { headerList } from './answer.js';
import { Call, whenReady } from './call.js';
import { Gate, NotGranted, neededScopes } from './gate.js';
import { Operations, type Target } from './operations.js';
import { isDataPlane, type Path, parsePath } from './path.js';
import { finish, Refusal } from './refusal.js';
import { RequestLog } from './request-log.js';
import { allowedMethods, type DataPlaneRoute, dataPlaneRoutes, findRoute, type Operation } from './routes.js';
import { tidyPath } from './tidy-path.js';
import { warnOfEnd } from './warnings.js';

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
    private readonly audit: Audit,
    private readonly reserve: DiskReserve,
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
  ) {}

  /** Whether a request with this target is for `handle`. */
  serves(url: string): boolean {
    return isDataPlane(url) || (url.startsWith('//') && tidyPath(pathOf(url)) !== undefined);
  }

  /** Answers the request, well or badly; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    let routed: Routed | undefined;
    const refuse = (error: unknown): void => {
      if (routed === undefined) this.refusal.send(request, response, error, []);
      else this.refusal.send(request, response, tellMethods(error, routed.route), scopesOf(routed));
    };
    try {
      this.requestLog.watch(request, response);
      if (sendToTidyPath(request, response)) return;
      const found = route(request.method ?? '', request.url ?? '');
      routed = found;
      const identity = this.auth.identify(request.headers.authorization, () => this.requestLog.addressOf(request));
      const done = whenReady(identity, (known) => this.#answer(request, response, found, known));
      if (done instanceof Promise) done.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  /** As {@link Gate.check}; what somebody may not do is written down. */
  #permitted(
    request: IncomingMessage,
    { route, repository, target }: Routed,
    identity: Identity,
  ): void | Promise<void> {
    const denied = (error: unknown): never => {
      if (error instanceof NotGranted) this.#recordDenial(request, identity, repository, error);
      throw error;
    };
    try {
      const checked = this.gate.check(identity, route, repository, target);
      return checked instanceof Promise ? checked.catch(denied) : checked;
    } catch (error) {
      return denied(error);
    }
  }

  /** Of somebody without an account only the address: names that anybody may make up would fill the table. */
  #recordDenial(
    request: IncomingMessage,
    { principal }: Identity,
    repository: RepositoryName,
    { missing }: NotGranted,
  ) {
    const origin = originOf(request, principal, this.config);
    const name = principal.kind === 'anonymous' ? '' : repository;
    this.audit.count('denied', name, origin, { after: { missing } });
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    routed: Routed,
    identity: Identity,
  ): void | Promise<void> {
    if (identity.endsAt !== undefined) {
      warnOfEnd(response, identity.endsAt, Date.now());
    }
    const { route, repository, target, search } = routed;
    const again = changes(route) ? () => this.#permittedStill(request, routed, identity) : undefined;
    const call = new Call(request, response, identity, repository, search, again);
    const run = () => this.operations.run(route.operation, call, target);
    return whenReady(this.#permitted(request, routed, identity), () =>
      isRecorded(route.operation, search)
        ? withOrigin(
            originOf(request, identity.principal, this.config),
            async () => run(),
            () => this.#confirmWrite(call, route),
          )
        : run(),
    );
  }

  /** Whether what came may still be written, and the disk has room for rows that it adds. */
  async #confirmWrite(call: Call, { method }: DataPlaneRoute): Promise<void> {
    await call.confirm();
    if (method !== 'DELETE') await this.reserve.spendRows();
  }

  /** A body may take hours, in which somebody may lose the account, the credential or the right. */
  async #permittedStill(request: IncomingMessage, routed: Routed, identity: Identity): Promise<Identity> {
    const now = await this.auth.again(identity);
    await this.#permitted(request, routed, now);
    return now;
  }
}

/** Pulls never ask twice, and nothing is made for them. */
function changes({ method }: DataPlaneRoute): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** What changes rows, and is to be written down with who did it. */
const recorded: ReadonlySet<string> = new Set<Operation>([
  'putManifest',
  'deleteManifest',
  'deleteBlob',
  'startUpload',
  'finishUpload',
]);

/** An upload that is only opened changes no row; a mount, and a blob that comes with the request, do. */
function isRecorded(operation: Operation, search: string): boolean {
  return recorded.has(operation) && (operation !== 'startUpload' || search !== '');
}

/** Whether it was sent elsewhere, with its method and query. */
function sendToTidyPath(request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '', method } = request;
  const path = pathOf(url);
  const tidy = tidyPath(path);
  if (tidy === undefined) return false;
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  const headers = headerList('Location', tidy + url.slice(path.length), 'Content-Length', '0');
  finish(request, response, status, headers, '');
  return true;
}

/** What is refused for now (a blob in use, deleting that is switched off) is told what is not. */
function tellMethods(error: unknown, { resource, method }: DataPlaneRoute): unknown {
  if (!isFailure(error) || catalog[error.code].status !== 405) return error;
  return withAllow(
    error,
    allowedMethods(resource).filter((other) => other !== method),
  );
}

function pathOf(url: string): string {
  const question = url.indexOf('?');
  return question < 0 ? url : url.slice(0, question);
}

/** Throws ROUTE_UNKNOWN, UNSUPPORTED, NAME_INVALID, DIGEST_INVALID, TAG_INVALID or MANIFEST_UNKNOWN, in this order. */
function route(method: string, url: string): Routed {
  const question = url.indexOf('?');
  const path = parsePath(question < 0 ? url : url.slice(0, question));
  if (path === undefined) throw new Failure('ROUTE_UNKNOWN');
  const found = findRoute(path.resource, method);
  if (found === undefined)
    throw new Failure('UNSUPPORTED', { headers: { Allow: allowedMethods(path.resource).join(', ') } });
  return {
    route: found,
    // The routes without a repository never look at the name.
    repository: path.name === '' ? ('' as RepositoryName) : parseRepositoryName(path.name),
    target: parseTarget(path, found),
    search: question < 0 ? '' : url.slice(question + 1),
  };
}

function scopesOf({ route, repository, search }: Routed): Scope[] {
  return neededScopes(route, repository, search);
}

function parseTarget({ resource, last }: Path, { operation }: DataPlaneRoute): Target {
  switch (resource) {
    case 'manifest':
      return operation === 'putManifest' ? parseReference(last) : parseExisting(last);
    case 'blob':
    case 'referrers':
      return parseDigest(last);
    default:
      return last;
  }
}

/** Nothing can have been pushed under what is no tag, so to whoever reads or deletes it is not there. */
function parseExisting(text: string): Reference {
  if (!text.includes(':') && !isTag(text)) throw new Failure('MANIFEST_UNKNOWN');
  return parseReference(text);
}
