import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Action } from '../../access/action.js';
import { parsePattern } from '../../access/pattern.js';
import type { Explanation } from '../../access/policy.js';
import { SignedIn } from '../../access/route-policy.js';
import type { SubjectType } from '../../access/subject.js';
import { ifMatch, Tagged } from '../../http/if-match.js';
import { AllowsNarrowed } from '../../http/session/allows-narrowed.js';
import { requestAsker } from '../../http/session/signed-in.js';
import { parseRepositoryName, type RepositoryName } from '../../oci/repository-name.js';
import type { ManagedGrants } from '../../permissions/managed-grants.js';
import { Management } from '../../permissions/management.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { isRowId, parseRowId } from '../lists/row-id.js';
import { ActionsBody, ExplainQuery, GrantBody, GrantsQuery, PreviewQuery, subjectOf } from './grants.dto.js';
import { type PresentedGrant, presentGrant } from './present-grant.js';

/** Whom it is about stands under the type: `user`, `group` or `robot`. */
type PresentedExplanation = Partial<Record<SubjectType, string>> & {
  readonly repository: string;
  readonly actions: Partial<Record<Action, Explanation>>;
};

/** Names in a preview. */
const previewed = 12;

/**
 * Grants. An admin edits all of them; whoever manages a pattern edits those within it. A grant outside of it looks like
 * one that does not exist. Who manages what is for {@link ManagedGrants} to say.
 */
@Controller('api/v1/permissions')
@SignedIn()
export class GrantsController {
  constructor(private readonly management: Management) {}

  /** All grants for an admin; for others those that have an effect on a `repository` they manage. */
  @GetPage()
  @AllowsNarrowed()
  async list(@Req() request: Request, @Query() query: GrantsQuery): Promise<List<PresentedGrant>> {
    const repository = query.repository === undefined ? undefined : parseRepositoryName(query.repository);
    const page = await this.#managed(request).list({
      ...placeOf(query, isRowId),
      subject: subjectOf(query),
      repository,
    });
    return presentList(page, presentGrant);
  }

  /** What a pattern covers today: how many repositories, and the first of their names. */
  @Get('preview')
  @AllowsNarrowed()
  async preview(
    @Req() request: Request,
    @Query() query: PreviewQuery,
  ): Promise<{ pattern: string; repositories: number; names: readonly RepositoryName[] }> {
    const pattern = parsePattern(query.pattern);
    const { count, names } = await this.#managed(request).preview(pattern, previewed);
    return { pattern, repositories: count, names };
  }

  /**
   * What somebody may do to a repository and which rules say so, or what is missing. Who asks about others must manage the
   * repository; about themselves, people learn nothing of whether it exists.
   */
  @Get('explain')
  @AllowsNarrowed()
  async explain(@Req() request: Request, @Query() query: ExplainQuery): Promise<PresentedExplanation> {
    const repository = parseRepositoryName(query.repository);
    const { subject, actions: all } = await this.#managed(request).decisions(subjectOf(query), repository);
    const actions = query.action === undefined ? all : { [query.action]: all[query.action] };
    return { [subject.type]: subject.name, repository, actions };
  }

  @Get(':id')
  @AllowsNarrowed()
  @Tagged()
  async show(@Req() request: Request, @Param('id') id: string): Promise<PresentedGrant> {
    return presentGrant(await this.#managed(request).get(parseRowId(id)));
  }

  /** Throws CONFLICT when the subject has a grant on that pattern already. */
  @Post()
  @AllowsNarrowed()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: GrantBody,
  ): Promise<PresentedGrant> {
    return await this.#put(request, response, body, { onlyNew: true });
  }

  /** The grant of this subject on this pattern, made or changed: 201 when it is new, else 200. */
  @Put()
  @AllowsNarrowed()
  async replace(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: GrantBody,
  ): Promise<PresentedGrant> {
    return await this.#put(request, response, body, { onlyNew: false });
  }

  @Patch(':id')
  @AllowsNarrowed()
  @Tagged()
  async update(
    @Req() request: Request,
    @Param('id') id: string,
    @Body() { actions }: ActionsBody,
  ): Promise<PresentedGrant> {
    return presentGrant(await this.#managed(request).change(parseRowId(id), actions, ifMatch(request, presentGrant)));
  }

  @Delete(':id')
  @AllowsNarrowed()
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('id') id: string): Promise<void> {
    await this.#managed(request).remove(parseRowId(id), ifMatch(request, presentGrant));
  }

  /** With `If-Match`, only in place of the grant that the client has seen. */
  async #put(
    request: Request,
    response: Response,
    { subject: { type, name }, pattern: text, actions }: GrantBody,
    { onlyNew }: { readonly onlyNew: boolean },
  ): Promise<PresentedGrant> {
    const condition = ifMatch(request, presentGrant);
    const wanted = { subject: { type, name }, pattern: parsePattern(text), actions, onlyNew, condition };
    const { grant, created } = await this.#managed(request).put(wanted);
    response.status(created ? 201 : 200).location(`/api/v1/permissions/${grant.id}`);
    return presentGrant(grant);
  }

  #managed(request: Request): ManagedGrants {
    return this.management.grants(requestAsker(request));
  }
}
