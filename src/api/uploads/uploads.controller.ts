import { Controller, Delete, Get, HttpCode, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { EndedAccounts } from '../../auth/ended-accounts.js';
import { requestAsker } from '../../http/session/signed-in.js';
import { type ManagedUpload, ManagedUploads } from '../../registry/managed-uploads.js';
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

/** Unfinished uploads. Who may see and end which is for {@link ManagedUploads} to say. */
@Controller('api/v1/uploads')
@SignedIn()
export class UploadsController {
  constructor(
    private readonly sessions: UploadSessions,
    private readonly accounts: EndedAccounts,
  ) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: PageQuery): Promise<List<PresentedUpload>> {
    return presentList(await this.#managed(request).list(placeOf(query, isRowId)), presentUpload);
  }

  @Get(':id')
  async show(@Req() request: Request, @Param('id') id: string): Promise<PresentedUpload> {
    return presentUpload(await this.#managed(request).get(id));
  }

  /** A request that writes to it is cut off. */
  @Delete(':id')
  @HttpCode(204)
  async end(@Req() request: Request, @Param('id') id: string): Promise<void> {
    await this.#managed(request).end(id);
  }

  #managed(request: Request): ManagedUploads {
    return new ManagedUploads(requestAsker(request), this.sessions, this.accounts);
  }
}

function presentUpload({ session, account, idleMs }: ManagedUpload): PresentedUpload {
  const { id, repository, bytes, createdAt } = session;
  return { id, account, repository, bytes, createdAt, idleSeconds: Math.floor(idleMs / 1000) };
}
