import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isPattern, parsePattern, patternPrefix } from '../../access/pattern.js';
import { AdminOnly, SignedIn } from '../../access/route-policy.js';
import type { Page } from '../../database/page.js';
import { Failure } from '../../errors/failure.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { requestAsker, signedIn } from '../../http/session/signed-in.js';
import type { Grant } from '../../permissions/grant.js';
import type { ManagedGrants } from '../../permissions/managed-grants.js';
import { Management } from '../../permissions/management.js';
import { Form, queryText } from '../navigation/form.js';
import { pageSize, presentPager, rowNumber } from '../navigation/pager.js';
import { Pages } from '../navigation/pages.js';
import type { Refusal } from '../navigation/refusal.js';
import { withQuery } from '../navigation/safe-path.js';
import type { Locale } from '../rendering/locale.js';
import { actionNames } from '../repository/present-repository.js';
import { emptyGrant, type GrantFields, presentGrantForm, readGrant, refusedGrant } from './grant-form.js';
import { presentSubject } from './present-subject.js';

const path = '/permissions';
/** Names listed by the preview of a pattern. */
const previewed = 12;

/** All grants for an administrator, their own for everybody else. */
@Controller('permissions')
export class PermissionsPages {
  constructor(
    private readonly pages: Pages,
    private readonly management: Management,
  ) {}

  @Get()
  @SignedIn()
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user } = signedIn(request);
    if (user.role === 'admin') {
      const fields = {
        ...emptyGrant,
        username: queryText(request.query.user),
        pattern: queryText(request.query.pattern),
      };
      return await this.#renderAll(request, response, fields);
    }
    const model = await this.#table(request, (place) => this.#managed(request).own(place));
    await this.pages.show(request, response, 'permissions/mine', model);
  }

  @Post()
  @AdminOnly()
  async add(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const form = new Form(body);
    const fields = readGrant(form);
    if (form.text('do') === 'preview') return await this.#renderAll(request, response, fields);
    const locale = await this.pages.locale(request);
    try {
      const pattern = parsePattern(fields.pattern);
      const subject = { type: 'user', name: fields.username } as const;
      await this.#managed(request).put({ subject, pattern, actions: fields.actions });
    } catch (error) {
      return await this.#renderAll(request, response, fields, refusedGrant(error, fields, locale));
    }
    const values = { user: fields.username, actions: actionNames(fields.actions, locale), pattern: fields.pattern };
    this.pages.redirect(response, path, { tone: 'ok', key: 'granted', values });
  }

  @Post(':id/remove')
  @AlsoOnFullDisk()
  @AdminOnly()
  async remove(@Req() request: Request, @Param('id') id: string, @Res() response: Response): Promise<void> {
    const row = rowNumber(id);
    if (row === undefined) throw new Failure('NOT_FOUND');
    const managed = this.#managed(request);
    const grant = await managed.get(row);
    await managed.remove(row);
    const values = { user: grant.subject.name, pattern: grant.pattern };
    this.pages.redirect(response, path, { tone: 'ok', key: 'grantRemoved', values });
  }

  async #renderAll(request: Request, response: Response, fields: GrantFields, refusal?: Refusal): Promise<void> {
    const user = queryText(request.query.user);
    const subject = { type: 'user', name: user } as const;
    const model = {
      ...(await this.#table(request, (place) =>
        this.#managed(request).list({ ...place, ...(user !== '' && { subject }) }),
      )),
      user,
      alert: refusal?.alert,
      form: presentGrantForm(fields, { fixedPattern: false }),
      preview: await this.#preview(request, fields.pattern),
    };
    await this.pages.show(request, response, 'permissions/list', model, refusal?.status);
  }

  async #table(
    request: Request,
    list: (place: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Grant>>,
  ): Promise<object> {
    const limit = pageSize(request.query.limit);
    const cursor = rowNumber(queryText(request.query.cursor))?.toString();
    const page = await list({ limit, ...(cursor !== undefined && { cursor }) });
    return presentGrants(
      page,
      { user: queryText(request.query.user), limit, cursor },
      await this.pages.locale(request),
    );
  }

  /** Which repositories a pattern covers today. */
  async #preview(request: Request, text: string): Promise<object> {
    if (!isPattern(text)) return { valid: false, names: [] };
    const prefix = patternPrefix(text);
    const { count, names } = await this.#managed(request).preview(text, previewed);
    const marked = (prefix ?? text).length;
    return {
      valid: true,
      count,
      prefix,
      names: names.map((name) => ({ prefix: name.slice(0, marked), rest: name.slice(marked) })),
    };
  }

  #managed(request: Request): ManagedGrants {
    return this.management.grants(requestAsker(request));
  }
}

function presentGrants(
  { items, nextCursor }: Page<Grant>,
  { user, limit, cursor }: { readonly user: string; readonly limit: number; readonly cursor: string | undefined },
  locale: Locale,
): object {
  return {
    rows: items.map(({ id, subject, pattern, actions, createdAt }) => ({
      id,
      ...presentSubject(subject),
      pattern,
      actions: actionNames(actions, locale),
      createdAt,
    })),
    pager: presentPager(locale.t('grants.shown', { count: items.length }), { limit, cursor, nextCursor }, (place) =>
      withQuery(path, { user, ...place }),
    ),
  };
}
