import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { actions, isAction } from '../../access/action.js';
import { parsePattern } from '../../access/pattern.js';
import { Requires } from '../../access/route-policy.js';
import { isFailure } from '../../errors/failure.js';
import { requestAsker } from '../../http/session/signed-in.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { ManagedGrants } from '../../permissions/managed-grants.js';
import { Management } from '../../permissions/management.js';
import type { SubjectRights } from '../../permissions/rights.js';
import { Form, queryText } from '../navigation/form.js';
import { pageSize, presentPager, rowNumber } from '../navigation/pager.js';
import { Pages } from '../navigation/pages.js';
import type { Refusal } from '../navigation/refusal.js';
import { withQuery } from '../navigation/safe-path.js';
import { urlOfPermissions } from '../navigation/urls.js';
import { emptyGrant, type GrantFields, presentGrantForm, readGrant, refusedGrant } from '../permissions/grant-form.js';
import { presentGrantRows } from './present-grant-rows.js';
import { presentRepository } from './present-repository.js';
import { presentWhy } from './present-why.js';
import { ShownRepositories } from './shown-repository.js';

/** Who may do what in one repository. Grants on its very name are edited here; those of prefixes are only shown. */
@Controller('r/*name/-/permissions')
@Requires('manage')
export class RepositoryPermissionsPages {
  constructor(
    private readonly pages: Pages,
    private readonly shown: ShownRepositories,
    private readonly management: Management,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.#render(request, response, emptyGrant);
  }

  @Post()
  async submit(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const { name } = await this.shown.find(request);
    const form = new Form(body);
    const managed = this.#managed(request);
    if (form.text('do') === 'save') {
      await this.#save(name, form, managed);
      return this.pages.redirect(response, urlOfPermissions(name), { tone: 'ok', key: 'grantsSaved' });
    }
    const fields = readGrant(form);
    try {
      const subject = { type: 'user', name: fields.username } as const;
      await managed.put({ subject, pattern: parsePattern(name), actions: fields.actions });
    } catch (error) {
      const refused = refusedGrant(error, fields, await this.pages.locale(request));
      return await this.#render(request, response, fields, refused);
    }
    this.pages.redirect(response, urlOfPermissions(name), { tone: 'ok', key: 'grantsSaved' });
  }

  /** Rows whose boxes changed; one without any box left is removed. */
  async #save(name: RepositoryName, form: Form, managed: ManagedGrants): Promise<void> {
    for (const id of form.all('row')) {
      const row = rowNumber(id);
      const grant = row === undefined ? undefined : await found(managed.get(row));
      if (grant === undefined || grant.pattern !== parsePattern(name)) continue; // gone meanwhile, or none of this page
      const wanted = form.all(`grant-${id}`).filter(isAction);
      if (actions.every((action) => wanted.includes(action) === grant.actions.includes(action))) continue;
      if (wanted.length === 0) await managed.remove(grant.id);
      else await managed.change(grant.id, wanted);
    }
  }

  /** What the asker may know of somebody here; undefined for nobody. */
  async #rightsOf(request: Request, username: string): Promise<SubjectRights | undefined> {
    if (username === '') return undefined;
    const { name } = await this.shown.find(request);
    return found(this.#managed(request).explain({ type: 'user', name: username }, name));
  }

  #managed(request: Request): ManagedGrants {
    return this.management.grants(requestAsker(request));
  }

  async #render(request: Request, response: Response, fields: GrantFields, refusal?: Refusal): Promise<void> {
    const { name, repository, allowed } = await this.shown.find(request);
    const locale = await this.pages.locale(request);
    const limit = pageSize(request.query.limit);
    const cursor = rowNumber(queryText(request.query.cursor))?.toString();
    const page = await this.#managed(request).list({ repository: name, limit, cursor });
    const asked = { username: queryText(request.query.user), action: queryText(request.query.action) };
    const rights = await this.#rightsOf(request, asked.username);
    const url = urlOfPermissions(name);
    await this.pages.show(
      request,
      response,
      'repository/permissions',
      {
        repository: presentRepository(repository, allowed, locale),
        rows: presentGrantRows(page.items, name),
        actionNames: actions,
        pager: presentPager(
          locale.t('grants.shown', { count: page.items.length }),
          { limit, cursor, ...page },
          (place) => withQuery(url, { ...place }),
        ),
        form: presentGrantForm(fields, { fixedPattern: true }),
        preview: undefined,
        why: presentWhy(asked, rights, locale),
        alert: refusal?.alert,
      },
      refusal?.status,
    );
  }
}

/** Undefined for what is not there. */
async function found<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if (isFailure(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
