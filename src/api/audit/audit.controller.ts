import { pipeline } from 'node:stream/promises';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import type { AuditFilter, AuditOrder } from '../../audit/audit-query.store.js';
import { type AuditEvent, AuditReader, isAuditCursor } from '../../audit/audit-reader.js';
import { CONFIG, type Config } from '../../config/config.js';
import { originOf } from '../../http/change-origin.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { RouteAccess } from '../../http/session/route-access.js';
import { requestPrincipal } from '../../http/session/signed-in.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { AuditQuery } from './audit.dto.js';
import { csvHead, csvLine, ndjsonLine, type PresentedEvent, presentEvent } from './present-event.js';

/** Who did what. It can be read and exported, and in no way changed. */
@Controller('api/v1')
@AdminOnly()
export class AuditController {
  constructor(
    private readonly reader: AuditReader,
    private readonly audit: Audit,
    private readonly access: RouteAccess,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @GetPage('audit')
  async list(@Req() request: Request, @Query() query: AuditQuery): Promise<List<PresentedEvent>> {
    const place = { ...placeOf(query, isAuditCursor), order: orderOf(query) };
    return presentList(await this.reader.page(filterOf(query), place, requestSeeker(request)), presentEvent);
  }

  @Get('audit.ndjson')
  async ndjson(@Req() request: Request, @Res() response: Response, @Query() query: AuditQuery): Promise<void> {
    response.attachment('audit.ndjson').type('application/x-ndjson');
    await this.#send(request, response, query, '', ndjsonLine);
  }

  @Get('audit.csv')
  async csv(@Req() request: Request, @Res() response: Response, @Query() query: AuditQuery): Promise<void> {
    response.attachment('audit.csv').type('text/csv; charset=utf-8; header=present');
    await this.#send(request, response, query, csvHead, csvLine);
  }

  /** Piece by piece, each when the client has taken the one before, and only as long as it still may. */
  async #send(
    request: Request,
    response: Response,
    query: AuditQuery,
    head: string,
    line: (event: AuditEvent) => string,
  ): Promise<void> {
    const pieces = this.reader.all(filterOf(query), orderOf(query), requestSeeker(request));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const reference = head === '' ? 'ndjson' : 'csv';
    this.audit.note('audit.export', '', originOf(request, requestPrincipal(request), this.config), { reference });
    const next = async (): Promise<string | undefined> => {
      const piece = await pieces.next();
      if (piece.done === true) return undefined;
      await this.access.askAgain(request);
      return piece.value.map(line).join('');
    };
    // Of a client that reads slowly it holds the text, and not what that was made of.
    async function* lines() {
      yield head;
      for (let text = await next(); text !== undefined; text = await next()) yield text;
    }
    try {
      await pipeline(lines, response);
    } catch (error) {
      if (!request.socket.destroyed) throw error; // the client went away; nobody is left to answer
    }
  }
}

function filterOf({ action, actor, resource, result, address, from, to }: AuditQuery): AuditFilter {
  return {
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor: withKind(actor, actor.includes('+') ? 'robot' : 'user') }),
    ...(resource !== undefined && { resource: withKind(resource, 'repository') }),
    ...(result !== undefined && { result }),
    ...(address !== undefined && { address: address.toLowerCase() }),
    ...(from !== undefined && { from: new Date(from) }),
    ...(to !== undefined && { to: new Date(to) }),
  };
}

function orderOf({ sort }: AuditQuery): AuditOrder {
  return sort === 'at' ? 'oldest' : 'newest';
}

/** `anonymous` and `system` are no names of accounts (users/reserved-names.ts). */
function withKind(text: string, kind: string): string {
  return text.includes(':') || ['anonymous', 'local', 'system'].includes(text) ? text : `${kind}:${text}`;
}
