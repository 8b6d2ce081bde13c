import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires, SignedIn } from '../../access/route-policy.js';
import { ifMatch, Tagged } from '../../http/if-match.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { AllowsNarrowed } from '../../http/session/allows-narrowed.js';
import { requestAsker } from '../../http/session/signed-in.js';
import { isRepositoryName, parseRepositoryName } from '../../oci/repository-name.js';
import type { ManagedRepositories } from '../../permissions/managed-repositories.js';
import { Management } from '../../permissions/management.js';
import { Permissions } from '../../permissions/permissions.js';
import { type EndingRights, isSubjectCursor } from '../../permissions/rights.js';
import type { RepositorySort } from '../../permissions/visible-repositories.store.js';
import { Repositories } from '../../repositories/repositories.js';
import { type PresentedRights, presentRights } from '../grants/present-rights.js';
import { GetPage } from '../lists/get-page.js';
import { PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { existingRepository } from './existing-repository.js';
import { type PresentedRepository, presentRepository } from './present-repository.js';
import { CreateRepositoryBody, RepositoriesQuery, UpdateRepositoryBody } from './repositories.dto.js';

/** Repositories by name; a name with slashes is one percent-encoded segment (`team%2Fapp`). */
@Controller('api/v1/repositories')
export class RepositoriesController {
  constructor(
    private readonly repositories: Repositories,
    private readonly permissions: Permissions,
    private readonly management: Management,
  ) {}

  /** Those that the asker may pull, by name unless `sort` says otherwise. */
  @GetPage()
  @SignedIn()
  @AllowsNarrowed()
  async list(@Req() request: Request, @Query() query: RepositoriesQuery): Promise<List<PresentedRepository>> {
    const { q, sort = 'name' } = query;
    const { limit, cursor: after } = placeOf(query, isPlaceOfRepository(sort));
    const asker = requestAsker(request);
    const by = requestSeeker(request);
    const [page, total] = await Promise.all([
      this.permissions.listVisible(asker.principal, { limit, after, q, sort, narrowedTo: asker.narrowedTo, by }),
      this.permissions.countVisible(asker, q, by),
    ]);
    return presentList(page, presentRepository, total);
  }

  /** Whoever may push to the name may create it, private as a push would; only who manages it may open it to more. */
  @Post()
  @SignedIn()
  @AllowsNarrowed()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() { name: text, description = '', visibility }: CreateRepositoryBody,
  ): Promise<PresentedRepository> {
    const name = parseRepositoryName(text);
    const repository = await this.#managed(request).create({ name, description, visibility });
    response.location(`/api/v1/repositories/${encodeURIComponent(name)}`);
    return presentRepository(repository);
  }

  @Get(':name')
  @Tagged()
  @Requires('pull')
  async show(@Param('name') name: string): Promise<PresentedRepository> {
    return presentRepository(await existingRepository(this.repositories, name));
  }

  /** Another name can only be one that the asker manages too. */
  @Patch(':name')
  @Tagged()
  @Requires('manage')
  async update(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() { name: wanted, ...settings }: UpdateRepositoryBody,
  ): Promise<PresentedRepository> {
    const from = parseRepositoryName(name);
    const to = wanted === undefined ? from : parseRepositoryName(wanted);
    await existingRepository(this.repositories, name);
    const condition = ifMatch(request, presentRepository);
    return presentRepository(await this.#managed(request).rename(from, to, settings, condition));
  }

  /** With everything in it, and the grants and token scopes of exactly its name. Content that no other repository has goes with the next garbage collection. */
  @Delete(':name')
  @HttpCode(204)
  @Requires('manage')
  async remove(@Req() request: Request, @Param('name') name: string): Promise<void> {
    const repository = await existingRepository(this.repositories, name);
    await this.#managed(request).remove(repository.name, ifMatch(request, presentRepository));
  }

  /** Everybody whom a grant gives something here, with what they may do and the grants it comes from, their groups' included. */
  @GetPage(':name/permissions')
  @Requires('manage')
  async rights(
    @Req() request: Request,
    @Param('name') name: string,
    @Query() query: PageQuery,
  ): Promise<List<PresentedRights>> {
    const place = placeOf(query, isSubjectCursor);
    const repository = await existingRepository(this.repositories, name);
    const page = await this.permissions.rightsOn(repository.name, place, requestAsker(request));
    return presentList(page, presentRights);
  }

  /** Who loses what when it is removed: everybody whom a grant on exactly its name gives something. */
  @GetPage(':name/deletion')
  @Requires('manage')
  async deletion(
    @Req() request: Request,
    @Param('name') name: string,
    @Query() query: PageQuery,
  ): Promise<List<EndingRights>> {
    const place = placeOf(query, isSubjectCursor);
    const repository = await existingRepository(this.repositories, name);
    const page = await this.permissions.rightsEndingWith(repository.name, place, requestAsker(request));
    return presentList(page, ({ subject, enabled, loses, mayMakeAnew }) => ({ subject, enabled, loses, mayMakeAnew }));
  }

  #managed(request: Request): ManagedRepositories {
    return this.management.repositories(requestAsker(request));
  }
}

const isPlaceOfRepository = (sort: RepositorySort) => (place: string) =>
  isRepositoryName(sort.endsWith('name') ? place : place.replace(/^\d{1,16}:/, ''));
