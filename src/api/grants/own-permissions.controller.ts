import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Role } from '../../access/principal.js';
import { SignedIn } from '../../access/route-policy.js';
import { signedIn } from '../../auth/signed-in.js';
import { Permissions } from '../../permissions/permissions.js';
import { ListQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { type PresentedGrant, presentGrant } from './present-grant.js';

/** What the one who asks may do, where, and through which grant. An admin needs none. */
@Controller('api/v1/auth/permissions')
@SignedIn()
export class OwnPermissionsController {
  constructor(private readonly permissions: Permissions) {}

  @Get()
  async list(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Query() query: ListQuery,
  ): Promise<List<PresentedGrant> & { readonly role: Role }> {
    const { username, role } = signedIn(request).user;
    const page = await this.permissions.grants.list({ ...placeOf(query), username });
    return { role, ...presentList(request, response, page, presentGrant) };
  }
}
