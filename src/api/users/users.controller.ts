import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { currentOrigin } from '../../access/origin.js';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import { SignInLimiter } from '../../auth/sign-in-limiter.js';
import { Failure } from '../../errors/failure.js';
import { ifMatch, Tagged } from '../../http/if-match.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { Permissions } from '../../permissions/permissions.js';
import { Groups } from '../../users/groups/groups.js';
import { isUsername, type User } from '../../users/user.js';
import { Users } from '../../users/users.js';
import { isPlaceOfRights } from '../grants/place-of-rights.js';
import { type PresentedGrant, presentGrant } from '../grants/present-grant.js';
import { type PresentedGroup, presentGroup } from '../groups/present-group.js';
import { GetPage } from '../lists/get-page.js';
import { ListQuery, PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { type PresentedUser, presentUser } from './present-user.js';
import { CreateUserBody, PasswordResetBody, UpdateUserBody } from './users.dto.js';

@Controller('api/v1/users')
@AdminOnly()
export class UsersController {
  constructor(
    private readonly users: Users,
    private readonly permissions: Permissions,
    private readonly groupsOf: Groups,
    private readonly limiter: SignInLimiter,
    private readonly audit: Audit,
  ) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: ListQuery): Promise<List<PresentedUser>> {
    const { q } = query;
    const place = placeOf(query, isUsername);
    const by = requestSeeker(request);
    const [page, total] = await Promise.all([this.users.list({ ...place, q, by }), this.users.countFound(q, by)]);
    return presentList(page, presentUser, total);
  }

  @Post()
  async create(
    @Res({ passthrough: true }) response: Response,
    @Body() body: CreateUserBody,
  ): Promise<PresentedUser & { readonly initialPassword?: string }> {
    const { user, initialPassword } = await this.users.create(body);
    response.location(`/api/v1/users/${encodeURIComponent(user.username)}`);
    return { ...presentUser(user), ...(initialPassword !== undefined && { initialPassword }) };
  }

  @Get(':username')
  @Tagged()
  async show(@Param('username') username: string): Promise<PresentedUser> {
    return presentUser(await this.#find(username));
  }

  @Patch(':username')
  @Tagged()
  async update(
    @Req() request: Request,
    @Param('username') username: string,
    @Body() body: UpdateUserBody,
  ): Promise<PresentedUser> {
    return presentUser(await this.users.update(username, body, ifMatch(request, presentUser)));
  }

  @Delete(':username')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('username') username: string): Promise<void> {
    await this.users.remove(username, ifMatch(request, presentUser));
  }

  /** Gives the user a new password, which has to be changed at the next sign-in. Every session and token of theirs ends. */
  @Post(':username/password-reset')
  @HttpCode(204)
  async resetPassword(@Param('username') username: string, @Body() { password }: PasswordResetBody): Promise<void> {
    await this.users.setPassword(username, password, { mustChange: true });
  }

  /** Lets somebody try again who failed to sign in too often, from wherever they tried. */
  @Post(':username/unlock')
  @HttpCode(204)
  async unlock(@Param('username') name: string): Promise<void> {
    const { username } = await this.#find(name);
    const locks = this.limiter.unlock(username);
    this.audit.note('user.unlock', username, currentOrigin(), { after: { locks } });
  }

  /** What was granted to them and to their groups, by pattern. */
  @GetPage(':username/permissions')
  async grants(@Param('username') name: string, @Query() query: PageQuery): Promise<List<PresentedGrant>> {
    const { username } = await this.#find(name);
    const page = await this.permissions.rightsOf({ type: 'user', name: username }, placeOf(query, isPlaceOfRights));
    return presentList(page, presentGrant);
  }

  /** The groups the user is in. They are few, so they come as one list. */
  @Get(':username/groups')
  async groups(@Param('username') name: string): Promise<List<PresentedGroup>> {
    const { id } = await this.#find(name);
    return { items: (await this.groupsOf.groupsOf(id)).map(presentGroup) };
  }

  async #find(username: string): Promise<User> {
    const user = await this.users.find(username);
    if (user === undefined) throw new Failure('NOT_FOUND');
    return user;
  }
}
