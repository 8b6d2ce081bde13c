import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { requestAsker } from '../../http/session/signed-in.js';
import type { ManagedRepositories } from '../../permissions/managed-repositories.js';
import { Management } from '../../permissions/management.js';
import { Permissions } from '../../permissions/permissions.js';
import type { Repository } from '../../repositories/repository.js';
import { maxDescriptionLength } from '../../users/description.js';
import { Form } from '../navigation/form.js';
import { Pages } from '../navigation/pages.js';
import { type Refusal, refusalOf } from '../navigation/refusal.js';
import { urlOfSettings } from '../navigation/urls.js';
import { presentEnding } from './present-ending.js';
import { presentRepository, visibilityChoices, visibilityOf } from './present-repository.js';
import { ShownRepositories } from './shown-repository.js';

/** Of those who lose rights with a repository, how many the page names. */
const shownEnding = 20;

@Controller('r/*name/-')
@Requires('manage')
export class SettingsPages {
  constructor(
    private readonly pages: Pages,
    private readonly shown: ShownRepositories,
    private readonly permissions: Permissions,
    private readonly management: Management,
  ) {}

  @Get('settings')
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.#render(request, response);
  }

  @Post('settings')
  async save(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const { name } = await this.shown.find(request);
    const form = new Form(body);
    const changes = {
      description: form.text('description').slice(0, maxDescriptionLength),
      visibility: visibilityOf(form.text('visibility')),
    };
    try {
      await this.#managed(request).update(name, changes);
    } catch (error) {
      const words = { VALIDATION_FAILED: 'repositories.badDescription' };
      const refusal = refusalOf(error, await this.pages.locale(request), words);
      return await this.#render(request, response, refusal, changes);
    }
    this.pages.redirect(response, urlOfSettings(name), { tone: 'ok', key: 'repositorySaved' });
  }

  @Post('remove')
  @AlsoOnFullDisk()
  async remove(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const { name, deletes } = await this.shown.find(request);
    if (!deletes) throw new Failure('UNSUPPORTED');
    if (new Form(body).text('confirm') !== name) {
      const { t } = await this.pages.locale(request);
      return await this.#render(request, response, { status: 400, alert: t('repository.remove.mismatch') });
    }
    await this.#managed(request).remove(name);
    this.pages.redirect(response, '/repositories', { tone: 'ok', key: 'repositoryRemoved', values: { name } });
  }

  #managed(request: Request): ManagedRepositories {
    return this.management.repositories(requestAsker(request));
  }

  /** @param typed what the form had, when it is shown once more */
  async #render(
    request: Request,
    response: Response,
    refusal?: Refusal,
    typed?: Pick<Repository, 'description' | 'visibility'>,
  ): Promise<void> {
    const { name, repository, allowed, deletes } = await this.shown.find(request);
    const locale = await this.pages.locale(request);
    const ending = await this.permissions.rightsEndingWith(name, { limit: shownEnding }, requestAsker(request));
    const model = {
      repository: presentRepository(repository, allowed, locale),
      deletes,
      ending: ending.items.map((rights) => presentEnding(rights, locale)),
      moreEnding: ending.nextCursor !== undefined,
      description: (typed ?? repository).description,
      visibilities: visibilityChoices((typed ?? repository).visibility),
      alert: refusal?.alert,
    };
    await this.pages.show(request, response, 'repository/settings', model, refusal?.status);
  }
}
