import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { withOrigin } from '../../audit/origin.js';
import { originOf } from '../../auth/change-origin.js';
import { RouteAccess } from '../../auth/session/route-access.js';
import { requestPrincipal } from '../../auth/signed-in.js';
import { CONFIG, type Config } from '../../config/config.js';

const reads = ['GET', 'HEAD', 'OPTIONS'];

/** Around every handler of REST and pages that may change something: the record of the change will say who asked for it, and whether they may is asked again before it. */
@Injectable()
export class RecordChanges implements NestInterceptor {
  constructor(
    private readonly access: RouteAccess,
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    if (reads.includes(request.method)) return next.handle();
    const origin = originOf(request, requestPrincipal(request), this.config);
    const handled = () => lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(withOrigin(origin, handled, () => this.access.askAgain(request)));
  }
}
