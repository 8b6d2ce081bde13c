import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { withOrigin } from '../access/origin.js';
import { isAdministrator } from '../access/principal.js';
import { routePolicyOf } from '../access/route-policy.js';
import { CONFIG, type Config } from '../config/config.js';
import { DiskReserve } from '../storage/disk-reserve.js';
import { originOf } from './change-origin.js';
import { isOpenOnFullDisk } from './session/also-on-full-disk.js';
import { RouteAccess } from './session/route-access.js';
import { requestPrincipal } from './session/signed-in.js';

const reads = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Around every handler of REST and pages that may change something: the record of the change will say who asked for it, whether they may
 * is asked again before it, and only administrators may use the reserve of the disk.
 */
@Injectable()
export class RecordChanges implements NestInterceptor {
  constructor(
    private readonly access: RouteAccess,
    private readonly reserve: DiskReserve,
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    if (reads.includes(request.method)) return next.handle();
    const origin = originOf(request, requestPrincipal(request), this.config);
    const handled = () => lastValueFrom(next.handle(), { defaultValue: undefined });
    const takesRoom = addsSomething(context, request);
    const question = async () => {
      await this.access.askAgain(request);
      if (takesRoom && !isAdministrator(requestPrincipal(request))) await this.reserve.spendRows();
    };
    return from(withOrigin(origin, handled, question));
  }
}

function addsSomething(context: ExecutionContext, { method }: Request): boolean {
  const handler = context.getHandler();
  if (method === 'DELETE' || isOpenOnFullDisk(handler)) return false;
  return routePolicyOf(handler, context.getClass())?.kind !== 'public';
}
