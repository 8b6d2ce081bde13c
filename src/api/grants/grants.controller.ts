import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Action } from '../../access/action.js';
import { type Pattern, parsePattern } from '../../access/pattern.js';
import type { Decision } from '../../access/policy.js';
import { SignedIn } from '../../access/route-policy.js';
import { requestPrincipal, signedIn } from '../../auth/signed-in.js';
import { Failure } from '../../errors/failure.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import type { Grant } from '../../permissions/grant.js';
import { Permissions } from '../../permissions/permissions.js';
import { principalOf } from '../../users/user.js';
import { Users } from '../../users/users.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { parseRowId } from '../lists/row-id.js';
import { ActionsBody, ExplainQuery, GrantBody, GrantsQuery, PreviewQuery } from './grants.dto.js';
import { type PresentedGrant, presentGrant } from './present-grant.js';

interface Explanation {
  readonly user: string;
  readonly repository: string;
  readonly actions: Partial<Record<Action, Decision>>;
}

/**
 * Grants. An admin edits all of them; whoever manages a pattern edits those within it. A grant outside of it looks like
 * one that does not exist.
 */
@Controller('api/v1/permissions')
@SignedIn()
export class GrantsController {
  constructor(
    private readonly permissions: Permissions,
    private readonly users: Users,
  ) {}

  /** All grants for an admin; for others those that have an effect on a `repository` they manage. */
  @GetPage()
  async list(@Req() request: Request, @Query() query: GrantsQuery): Promise<List<PresentedGrant>> {
    const repository = query.repository === undefined ? undefined : parseRepositoryName(query.repository);
    await this.requireManaging(request, parsePattern(repository ?? '*'));
    const page = await this.permissions.grants.list({ ...placeOf(query), username: query.user, repository });
    return presentList(page, presentGrant);
  }

  @Get('preview')
  async preview(
    @Req() request: Request,
    @Query() query: PreviewQuery,
  ): Promise<{ pattern: string; repositories: number }> {
    const pattern = parsePattern(query.pattern);
    await this.requireManaging(request, pattern);
    return { pattern, repositories: await this.permissions.countMatching(pattern) };
  }

  /** What somebody may do to a repository and which rules say so. Who asks about others must manage the repository. */
  @Get('explain')
  async explain(@Req() request: Request, @Query() query: ExplainQuery): Promise<Explanation> {
    const repository = parseRepositoryName(query.repository);
    const asker = signedIn(request).user;
    const about = query.user === undefined || query.user === asker.username ? asker : undefined;
    if (about === undefined) await this.requireManaging(request, parsePattern(repository));
    const user = about ?? (await this.users.find(query.user ?? ''));
    if (user === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such user' });
    const decisions = await this.permissions.explain(principalOf(user), repository);
    const actions = query.action === undefined ? decisions : { [query.action]: decisions[query.action] };
    return { user: user.username, repository, actions };
  }

  @Get(':id')
  async show(@Req() request: Request, @Param('id') id: string): Promise<PresentedGrant> {
    return presentGrant(await this.find(request, id));
  }

  /** Throws CONFLICT when the subject has a grant on that pattern already. */
  @Post()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: GrantBody,
  ): Promise<PresentedGrant> {
    return await this.put(request, response, body, { onlyNew: true });
  }

  /** The grant of this subject on this pattern, made or changed: 201 when it is new, else 200. */
  @Put()
  async replace(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: GrantBody,
  ): Promise<PresentedGrant> {
    return await this.put(request, response, body, { onlyNew: false });
  }

  @Patch(':id')
  async update(
    @Req() request: Request,
    @Param('id') id: string,
    @Body() { actions }: ActionsBody,
  ): Promise<PresentedGrant> {
    const { username, pattern } = await this.find(request, id);
    const { grant } = await this.permissions.grants.put({ username, pattern, actions }, signedIn(request).user.id);
    return presentGrant(grant);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('id') id: string): Promise<void> {
    await this.permissions.grants.remove((await this.find(request, id)).id);
  }

  private async put(
    request: Request,
    response: Response,
    { subject, pattern: text, actions }: GrantBody,
    { onlyNew }: { readonly onlyNew: boolean },
  ): Promise<PresentedGrant> {
    const pattern = parsePattern(text);
    await this.requireManaging(request, pattern);
    const { grant, created } = await this.permissions.grants.put(
      { username: subject.name, pattern, actions, onlyNew },
      signedIn(request).user.id,
    );
    response.status(created ? 201 : 200).location(`/api/v1/permissions/${grant.id}`);
    return presentGrant(grant);
  }

  private async find(request: Request, id: string): Promise<Grant> {
    const grant = await this.permissions.grants.find(parseRowId(id));
    if (grant === undefined || !(await this.manages(request, grant.pattern))) throw new Failure('NOT_FOUND');
    return grant;
  }

  private async requireManaging(request: Request, pattern: Pattern): Promise<void> {
    if (!(await this.manages(request, pattern))) throw new Failure('DENIED');
  }

  private async manages(request: Request, pattern: Pattern): Promise<boolean> {
    return await this.permissions.managesPattern(requestPrincipal(request), pattern);
  }
}
