import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Observable, tap } from 'rxjs';
import { nextLink } from '../../oci/link.js';
import type { List } from './present-list.js';

/** Sends `Link: …; rel="next"` (RFC 8288) with every page of a list that has a next one: the same question behind its last item. */
export class LinkNextPage implements NestInterceptor<List<unknown>> {
  intercept(context: ExecutionContext, next: CallHandler<List<unknown>>): Observable<List<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      tap(({ nextCursor }) => {
        if (nextCursor === undefined) return;
        // Every parameter was checked to be one text.
        const asked = request.query as Readonly<Record<string, string>>;
        response.setHeader('Link', nextLink(request.path, { ...asked, cursor: nextCursor }));
      }),
    );
  }
}
