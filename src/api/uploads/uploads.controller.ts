import { Controller, Delete, Get, HttpCode, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { isAdministrator, principalKey } from '../../access/principal.js';
import { SignedIn } from '../../access/route-policy.js';
import { EndedAccounts } from '../../auth/ended-accounts.js';
import { Failure } from '../../errors/failure.js';
import { requestPrincipal } from '../../http/session/signed-in.js';
import type { UploadSession } from '../../registry/open-uploads.js';
import { UploadSessions } from '../../registry/upload-sessions.js';
import { GetPage } from '../lists/get-page.js';
import { PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { isRowId } from '../lists/row-id.js';

export interface PresentedUpload {
  readonly id: string;
  /** Who pushes. */
  readonly account: { readonly type: 'user' | 'robot'; readonly name: string | null };
  readonly repository: string;
  /** What it takes on the disk. */
  readonly bytes: number;
  readonly createdAt: Date;
  /** Seconds since somebody last wrote to it. */
  readonly idleSeconds: number;
}

/** Unfinished uploads. Everybody has their own; somebody else's look as if they did not exist, except to an admin. */
@Controller('api/v1/uploads')
@SignedIn()
export class UploadsController {
  constructor(
    private readonly sessions: UploadSessions,
    private readonly accounts: EndedAccounts,
  ) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: PageQuery): Promise<List<PresentedUpload>> {
    const principal = requestPrincipal(request);
    const subject = isAdministrator(principal) ? {} : { subject: principalKey(principal) };
    const page = this.sessions.list({ ...placeOf(query, isRowId), ...subject });
    const items = await Promise.all(page.items.map((session) => this.#present(session)));
    return presentList({ ...page, items }, (item) => item);
  }

  @Get(':id')
  async show(@Req() request: Request, @Param('id') id: string): Promise<PresentedUpload> {
    return await this.#present(this.#find(request, id));
  }

  /** Whoever writes to it is cut off. */
  @Delete(':id')
  @HttpCode(204)
  async end(@Req() request: Request, @Param('id') id: string): Promise<void> {
    const session = this.#find(request, id);
    const { account } = await this.#present(session);
    await this.sessions.end(session, `${account.type}:${account.name ?? ''}`);
  }

  #find(request: Request, id: string): UploadSession {
    const principal = requestPrincipal(request);
    const session = this.sessions.byId(id);
    if (session === undefined || !(isAdministrator(principal) || session.subject === principalKey(principal)))
      throw new Failure('NOT_FOUND', { message: 'there is no such upload' });
    return session;
  }

  async #present(session: UploadSession): Promise<PresentedUpload> {
    const { id, subject, repository, bytes, createdAt } = session;
    const type = subject.startsWith('robot:') ? 'robot' : 'user';
    const name = (await this.accounts.find(subject))?.name ?? null;
    const idleSeconds = Math.floor(this.sessions.idleMs(session) / 1000);
    return { id, account: { type, name }, repository, bytes, createdAt, idleSeconds };
  }
}
