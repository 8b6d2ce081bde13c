import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires, SignedIn } from '../../access/route-policy.js';
import { AllowsNarrowed } from '../../auth/session/allows-narrowed.js';
import { requestAsker, requestPrincipal, signedIn } from '../../auth/signed-in.js';
import { Failure } from '../../errors/failure.js';
import { isRepositoryName, parseRepositoryName } from '../../oci/repository-name.js';
import { Permissions } from '../../permissions/permissions.js';
import { Repositories } from '../../repositories/repositories.js';
import { type PresentedGrant, presentGrant } from '../grants/present-grant.js';
import { changeMatching, Tagged } from '../http/if-match.js';
import { GetPage } from '../lists/get-page.js';
import { ListQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { isRowId } from '../lists/row-id.js';
import { type PresentedRepository, presentRepository } from './present-repository.js';
import { CreateRepositoryBody, UpdateRepositoryBody } from './repositories.dto.js';

/** Repositories by name; a name with slashes is one percent-encoded segment (`team%2Fapp`). */
@Controller('api/v1/repositories')
export class RepositoriesController {
  constructor(
    private readonly repositories: Repositories,
    private readonly permissions: Permissions,
  ) {}

  /** Those that the asker may pull, by name. */
  @GetPage()
  @SignedIn()
  @AllowsNarrowed()
  async list(@Req() request: Request, @Query() query: ListQuery): Promise<List<PresentedRepository>> {
    const { limit, cursor: after } = placeOf(query, isRepositoryName);
    const { principal, narrowedTo } = requestAsker(request);
    const page = await this.permissions.listVisible(principal, { limit, after, q: query.q, narrowedTo });
    return presentList(page, presentRepository);
  }

  /** Whoever may push to the name may create it, private as a push would; only who manages it may open it to more. */
  @Post()
  @SignedIn()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() { name: text, description = '', visibility }: CreateRepositoryBody,
  ): Promise<PresentedRepository> {
    const name = parseRepositoryName(text);
    const needed = visibility === 'private' ? 'push' : 'manage';
    if (!(await this.permissions.allows(requestPrincipal(request), needed, name))) throw new Failure('DENIED');
    const ownerId = signedIn(request).user.id;
    const repository = await this.repositories.create({ name, description, visibility, ownerId });
    response.location(`/api/v1/repositories/${encodeURIComponent(name)}`);
    return presentRepository(repository);
  }

  @Get(':name')
  @Tagged()
  @Requires('pull')
  async show(@Param('name') name: string): Promise<PresentedRepository> {
    const repository = await this.repositories.find(parseRepositoryName(name));
    if (repository === undefined) throw new Failure('NOT_FOUND');
    return presentRepository(repository);
  }

  @Patch(':name')
  @Tagged()
  @Requires('manage')
  async update(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() changes: UpdateRepositoryBody,
  ): Promise<PresentedRepository> {
    const change = async () => presentRepository(await this.repositories.update(parseRepositoryName(name), changes));
    return await this.change(request, name, change);
  }

  /** With everything in it. Content that no other repository has goes with the next garbage collection. */
  @Delete(':name')
  @HttpCode(204)
  @Requires('manage')
  async remove(@Req() request: Request, @Param('name') name: string): Promise<void> {
    await this.change(request, name, () => this.repositories.remove(parseRepositoryName(name)));
  }

  /** The grants that have an effect here, each with the pattern it comes from. */
  @GetPage(':name/permissions')
  @Requires('manage')
  async grants(@Param('name') name: string, @Query() query: ListQuery): Promise<List<PresentedGrant>> {
    const page = await this.permissions.grants.list({
      ...placeOf(query, isRowId),
      repository: parseRepositoryName(name),
    });
    return presentList(page, presentGrant);
  }

  /** Managing a pattern says nothing of what exists: a missing repository is NOT_FOUND here, not the registry's NAME_UNKNOWN. */
  private async change<T>(request: Request, name: string, change: () => Promise<T>): Promise<T> {
    await this.show(name);
    return await changeMatching(request, `repository ${name}`, () => this.show(name), change);
  }
}
