import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { withOrigin } from '../access/origin.js';
import { clock } from '../async/clock.js';
import { andThen } from '../async/maybe-async.js';
import { Audit } from '../audit/audit.js';
import type { Identity } from '../auth/identity.js';
import { RegistryAuth } from '../auth/registry-auth.js';
import { CONFIG, type Config } from '../config/config.js';
import { catalog } from '../errors/catalog.js';
import { Failure, isFailure, withAllow } from '../errors/failure.js';
import { originOf } from '../http/change-origin.js';
import { finish } from '../http/finish.js';
import { DiskReserve } from '../storage/disk-reserve.js';
import { headerList } from './answer.js';
import { Gate, NotGranted, neededScopes } from './gate.js';
import { Handlers } from './handlers.js';
import { pathOf } from './path-table.js';
import { Refusal } from './refusal.js';
import { RequestLog } from './request-log.js';
import type { DataPlaneRoute } from './route.js';
import { dataPlaneRoutes, paths } from './routes.js';
import type { RoutedCall } from './row.js';
import { tidyPath } from './tidy-path.js';
import { warnOfEnd } from './warnings.js';

/**
 * The registry protocol under `/v2/`, outside of Express: a request is routed, its parts are parsed, it is authorized in
 * one place, and a handler answers. A pull that finds everything in memory is answered without waiting for anything.
 */
@Injectable()
export class DataPlane {
  constructor(
    private readonly auth: RegistryAuth,
    private readonly gate: Gate,
    private readonly handlers: Handlers,
    private readonly refusal: Refusal,
    private readonly requestLog: RequestLog,
    private readonly audit: Audit,
    private readonly reserve: DiskReserve,
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
  ) {}

  /** Whether a request with this target is for `handle`. */
  serves(url: string): boolean {
    return paths.serves(url) || (url.startsWith('//') && tidyPath(pathOf(url)) !== undefined);
  }

  /** Answers the request, well or badly; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    let call: RoutedCall | undefined;
    const refuse = (error: unknown): void => {
      if (call === undefined) this.refusal.send(request, response, error, []);
      else this.refusal.send(request, response, tellMethods(error, call.route), neededScopes(call));
    };
    try {
      this.requestLog.watch(request, response);
      if (sendToTidyPath(request, response)) return;
      const routed = route(request, response);
      call = routed;
      const identity = this.auth.identify(request.headers.authorization, () => this.requestLog.addressOf(request));
      const done = andThen(identity, (known) => this.#answer(routed, known));
      if (done instanceof Promise) done.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  /** As {@link Gate.check}; what somebody may not do is written down. */
  #permitted(call: RoutedCall, identity: Identity): void | Promise<void> {
    const denied = (error: unknown): never => {
      if (error instanceof NotGranted) this.#recordDenial(call.request, identity, error);
      throw error;
    };
    try {
      const checked = this.gate.check(identity, call);
      return checked instanceof Promise ? checked.catch(denied) : checked;
    } catch (error) {
      return denied(error);
    }
  }

  /** Of somebody without an account only the address: names that anybody may make up would fill the table. */
  #recordDenial(request: IncomingMessage, { principal }: Identity, { missing, repository }: NotGranted) {
    const origin = originOf(request, principal, this.config);
    const name = principal.kind === 'anonymous' ? '' : repository;
    this.audit.count('denied', name, origin, { after: { missing } });
  }

  #answer(call: RoutedCall, identity: Identity): void | Promise<void> {
    if (identity.endsAt !== undefined) warnOfEnd(call.response, identity.endsAt, clock.wall());
    call.identify(identity, changes(call.route) ? () => this.#permittedStill(call, identity) : undefined);
    return andThen(this.#permitted(call, identity), () =>
      isRecorded(call)
        ? withOrigin(
            originOf(call.request, identity.principal, this.config),
            async () => call.run(this.handlers),
            () => this.#confirmWrite(call),
          )
        : call.run(this.handlers),
    );
  }

  /** Whether what came may still be written, and the disk has room for rows that it adds. */
  async #confirmWrite(call: RoutedCall): Promise<void> {
    await call.confirm();
    if (call.route.method !== 'DELETE') await this.reserve.spendRows();
  }

  /** A body may take hours, in which somebody may lose the account, the credential or the right. */
  async #permittedStill(call: RoutedCall, identity: Identity): Promise<Identity> {
    const now = await this.auth.again(identity);
    await this.#permitted(call, now);
    return now;
  }
}

/** Pulls never ask twice, and nothing is made for them. */
function changes({ method }: DataPlaneRoute): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function isRecorded({ route, search }: RoutedCall): boolean {
  return route.records === 'always' || (route.records === 'with a query' && search !== '');
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
function tellMethods(error: unknown, { path, method }: DataPlaneRoute): unknown {
  if (!isFailure(error) || catalog[error.code].status !== 405) return error;
  return withAllow(
    error,
    dataPlaneRoutes.filter((other) => other.path === path && other.method !== method).map((other) => other.method),
  );
}

/** Throws ROUTE_UNKNOWN, UNSUPPORTED, NAME_INVALID, DIGEST_INVALID, TAG_INVALID or MANIFEST_UNKNOWN, in this order. */
function route(request: IncomingMessage, response: ServerResponse): RoutedCall {
  const { method = '', url = '' } = request;
  const path = pathOf(url);
  const found = paths.match(path);
  if (found === undefined) throw new Failure('ROUTE_UNKNOWN');
  const { methods } = found.resource;
  const row = methods.get(method);
  if (row === undefined) throw new Failure('UNSUPPORTED', { headers: { Allow: [...methods.keys()].join(', ') } });
  return row.open(request, response, found.name, found.last, url.slice(path.length + 1));
}
