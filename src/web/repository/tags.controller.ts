import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires } from '../../access/route-policy.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { Images } from '../../images/images.js';
import { presentPush } from '../help/present-push.js';
import { queryText } from '../navigation/form.js';
import { pageSize } from '../navigation/pager.js';
import { Pages, rememberPreference } from '../navigation/pages.js';
import { urlOfTags } from '../navigation/urls.js';
import { presentPull, pullClientOf } from './present-pull.js';
import { presentRepository } from './present-repository.js';
import { presentTags, roomForTags } from './present-tags.js';
import { ShownRepositories } from './shown-repository.js';

@Controller('r/*name/-')
export class TagsPages {
  constructor(
    private readonly pages: Pages,
    private readonly shown: ShownRepositories,
    private readonly images: Images,
  ) {}

  @Get('tags')
  @Requires('pull')
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { name, repository, allowed, origin } = await this.shown.find(request);
    const locale = await this.pages.locale(request);
    const [newest] = (await this.images.pageTags(name, { sort: '-pushedAt', limit: 1 })).items;
    const common = { repository: presentRepository(repository, allowed, locale), q: '', rows: [], pull: undefined };
    if (newest === undefined) {
      const username = request.user?.user?.username;
      const push = allowed.has('push') ? presentPush({ origin, username, name }) : undefined;
      return await this.pages.show(request, response, 'repository/tags', { ...common, push });
    }
    const { host } = new URL(origin);
    const query = {
      q: queryText(request.query.q),
      limit: pageSize(request.query.limit),
      sort: request.query.sort === 'name' ? ('name' as const) : ('-pushedAt' as const),
      cursor: queryText(request.query.cursor) || undefined,
      room: roomForTags({ name, host }),
    };
    const by = requestSeeker(request);
    const page = await this.images.pageTags(name, { ...query, by });
    const totals = (await this.images.totals([name], by)).get(name);
    if (request.query.client !== undefined) {
      rememberPreference(response, 'client', pullClientOf(request.query.client, undefined));
    }
    const client = pullClientOf(request.query.client, request.cookies?.client);
    const pulled = { host, name, tag: newest.name, digest: newest.digest, path: urlOfTags(name) };
    await this.pages.show(request, response, 'repository/tags', {
      ...common,
      ...presentTags(page, query, { name, host, mayDelete: allowed.has('delete') }, locale),
      totals,
      pull: presentPull(pulled, client, locale),
    });
  }
}
