import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { CONFIG, type Config } from '../../config/config.js';
import { isFailure } from '../../errors/failure.js';
import { requestOrigin } from '../../http/request-origin.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { requestAsker, requestPrincipal, signedIn } from '../../http/session/signed-in.js';
import { Images } from '../../images/images.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { Management } from '../../permissions/management.js';
import { Permissions } from '../../permissions/permissions.js';
import { maxDescriptionLength } from '../../users/description.js';
import { principalOf, type User } from '../../users/user.js';
import { presentPush } from '../help/present-push.js';
import { Form, queryText } from '../navigation/form.js';
import { pageSize } from '../navigation/pager.js';
import { Pages } from '../navigation/pages.js';
import { type Refusal, refusalOf } from '../navigation/refusal.js';
import { urlOfTags } from '../navigation/urls.js';
import { visibilityChoices, visibilityOf } from '../repository/present-repository.js';
import { presentRepositories } from './present-repositories.js';

@Controller('repositories')
@SignedIn()
export class RepositoriesPages {
  constructor(
    private readonly pages: Pages,
    private readonly permissions: Permissions,
    private readonly management: Management,
    private readonly images: Images,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user } = signedIn(request);
    const query = {
      q: queryText(request.query.q),
      limit: pageSize(request.query.limit),
      cursor: queryText(request.query.cursor) || undefined,
    };
    const by = requestSeeker(request);
    const page = await this.permissions.listVisible(requestPrincipal(request), { ...query, after: query.cursor, by });
    const totals = await this.images.totals(
      page.items.map(({ name }) => name),
      by,
    );
    const prefix = await this.#pushablePrefix(user);
    const empty = page.items.length === 0 && query.q === '' && query.cursor === undefined;
    const origin = requestOrigin(request, this.config);
    await this.pages.show(request, response, 'repositories/list', {
      ...presentRepositories(page, totals, query, await this.pages.locale(request)),
      empty,
      canCreate: prefix !== undefined,
      push:
        empty && prefix !== undefined
          ? presentPush({ origin, username: user.username, name: undefined, prefix })
          : undefined,
    });
  }

  @Get('new')
  async new(@Req() request: Request, @Res() response: Response): Promise<void> {
    const prefix = (await this.#pushablePrefix(signedIn(request).user)) ?? '';
    const name = prefix === examplePrefix ? '' : prefix;
    await this.#renderNew(request, response, { name, description: '', visibility: 'private' });
  }

  /** As over REST: who may push to a name may create it, and who manages it may open it to more. */
  @Post('new')
  async create(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const form = new Form(body);
    const fields = {
      name: form.text('name'),
      description: form.text('description').slice(0, maxDescriptionLength),
      visibility: form.text('visibility'),
    };
    try {
      const name = parseRepositoryName(fields.name);
      const visibility = visibilityOf(fields.visibility);
      const managed = this.management.repositories(requestAsker(request));
      await managed.create({ name, visibility, description: fields.description });
      this.pages.redirect(response, urlOfTags(name), { tone: 'ok', key: 'repositoryCreated', values: { name } });
    } catch (error) {
      const locale = await this.pages.locale(request);
      const words = { DENIED: 'repositories.notYours', VALIDATION_FAILED: 'repositories.badDescription' };
      const wrong = isFailure(error, 'VALIDATION_FAILED') ? 'description' : 'name';
      await this.#renderNew(request, response, fields, { ...refusalOf(error, locale, words), wrong });
    }
  }

  async #renderNew(
    request: Request,
    response: Response,
    fields: { readonly name: string; readonly description: string; readonly visibility: string },
    refusal?: Refusal & { readonly wrong: 'name' | 'description' },
  ): Promise<void> {
    const model = {
      ...fields,
      alert: refusal?.alert,
      wrong: refusal === undefined ? {} : { [refusal.wrong]: true },
      visibilities: visibilityChoices(visibilityOf(fields.visibility)),
    };
    await this.pages.show(request, response, 'repositories/new', model, refusal?.status);
  }

  /** What the name of a repository this user may create can start with; undefined when there is none. */
  async #pushablePrefix(user: User): Promise<string | undefined> {
    const pattern = await this.permissions.findWildcard(principalOf(user), 'push');
    return pattern === '*' ? examplePrefix : pattern?.slice(0, -1);
  }
}

/** For those who may push anywhere. */
const examplePrefix = 'team/';
