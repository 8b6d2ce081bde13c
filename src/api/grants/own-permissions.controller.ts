import { Controller, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { Role } from '../../access/principal.js';
import { SignedIn } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { requestPrincipal } from '../../http/session/signed-in.js';
import { Permissions } from '../../permissions/permissions.js';
import { GetPage } from '../lists/get-page.js';
import { PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { isPlaceOfRights } from './place-of-rights.js';
import { type PresentedGrant, presentGrant } from './present-grant.js';

/** What the one who asks may do, where, and through which grant, their own or that of a group. An admin needs none. */
@Controller('api/v1/auth/permissions')
@SignedIn()
export class OwnPermissionsController {
  constructor(private readonly permissions: Permissions) {}

  @GetPage()
  async list(
    @Req() request: Request,
    @Query() query: PageQuery,
  ): Promise<List<PresentedGrant> & { readonly role: Role }> {
    const asker = requestPrincipal(request);
    if (asker.kind === 'anonymous') throw new Failure('UNAUTHORIZED');
    const subject = { type: asker.kind, name: asker.name };
    const page = await this.permissions.rightsOf(subject, placeOf(query, isPlaceOfRights));
    return { role: asker.kind === 'user' ? asker.role : 'user', ...presentList(page, presentGrant) };
  }
}
