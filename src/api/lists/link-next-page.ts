import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { serviceDescription } from '../../http/service-description.js';
import { nextLink } from '../../oci/link.js';
import type { List } from './present-list.js';

/**
 * Sends `Link: …; rel="next"` (RFC 8288) with every page of a list that has a next one: the same question behind its last item;
 * and `X-Total-Count` with those that were counted.
 */
export class LinkNextPage implements NestInterceptor<List<unknown>> {
  intercept(context: ExecutionContext, next: CallHandler<List<unknown>>): Observable<List<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map(({ total, ...list }) => {
        if (total !== undefined) response.setHeader('X-Total-Count', total);
        if (list.nextCursor !== undefined) {
          // Every parameter was checked to be one text.
          const asked = request.query as Readonly<Record<string, string>>;
          const link = nextLink(request.path, { ...asked, cursor: list.nextCursor });
          response.setHeader('Link', [link, serviceDescription]);
        }
        return list;
      }),
    );
  }
}
