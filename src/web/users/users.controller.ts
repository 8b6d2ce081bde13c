import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AdminOnly } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { randomPassword } from '../../users/random-password.js';
import type { User } from '../../users/user.js';
import { Users } from '../../users/users.js';
import { Form, queryText } from '../navigation/form.js';
import { pageSize } from '../navigation/pager.js';
import { Pages } from '../navigation/pages.js';
import { withQuery } from '../navigation/safe-path.js';
import { urlOfUser } from '../navigation/urls.js';
import { presentUser, presentUserForm, presentUsers, readUser, type UserFields } from './present-users.js';
import { type RefusedUser, refusedUser } from './refused-user.js';

/** Accounts, for administrators. A password that was made for somebody is on the one page that answers the form. */
@Controller('users')
@AdminOnly()
export class UsersPages {
  constructor(
    private readonly pages: Pages,
    private readonly users: Users,
  ) {}

  @Get()
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const q = queryText(request.query.q);
    const limit = pageSize(request.query.limit);
    const cursor = queryText(request.query.cursor) || undefined;
    const page = await this.users.list({ limit, cursor, q, by: requestSeeker(request) });
    const locale = await this.pages.locale(request);
    await this.pages.show(request, response, 'users/list', presentUsers(page, { q, limit, cursor }, locale));
  }

  @Get('new')
  async new(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.#renderNew(request, response, { username: '', fullName: '', email: '', role: 'user' });
  }

  @Post('new')
  async create(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const fields = readUser(new Form(body));
    try {
      const { user, initialPassword = '' } = await this.users.create({
        username: fields.username,
        role: fields.role,
        fullName: fields.fullName || null,
        email: fields.email || null,
      });
      await this.#showPassword(request, response, user, initialPassword, 'users.created');
    } catch (error) {
      await this.#renderNew(request, response, fields, await this.#refusal(request, error));
    }
  }

  @Get(':username')
  async show(@Req() request: Request, @Res() response: Response, @Param('username') username: string): Promise<void> {
    const user = await this.#find(username);
    await this.#render(request, response, user, presentUserFields(user));
  }

  @Post(':username')
  async save(
    @Req() request: Request,
    @Res() response: Response,
    @Param('username') username: string,
    @Body() body: unknown,
  ): Promise<void> {
    const user = await this.#find(username);
    const fields = readUser(new Form(body));
    try {
      const { role, fullName, email } = fields;
      const changes = { role, fullName: fullName || null, email: email || null };
      await this.users.update(username, changes);
    } catch (error) {
      return await this.#render(request, response, user, fields, await this.#refusal(request, error));
    }
    this.pages.redirect(response, urlOfUser(username), { tone: 'ok', key: 'userSaved', values: { name: username } });
  }

  @Post(':username/enable')
  async enable(@Req() request: Request, @Res() response: Response, @Param('username') username: string): Promise<void> {
    await this.#switch(request, response, username, true);
  }

  @Post(':username/disable')
  async disable(
    @Req() request: Request,
    @Res() response: Response,
    @Param('username') username: string,
  ): Promise<void> {
    await this.#switch(request, response, username, false);
  }

  @Post(':username/reset-password')
  async reset(@Req() request: Request, @Res() response: Response, @Param('username') username: string): Promise<void> {
    await this.#find(username);
    const password = randomPassword();
    const user = await this.users.setPassword(username, password, { mustChange: true });
    await this.#showPassword(request, response, user, password, 'users.resetDone');
  }

  @Post(':username/delete')
  async remove(
    @Req() request: Request,
    @Res() response: Response,
    @Param('username') username: string,
    @Body() body: unknown,
  ): Promise<void> {
    const user = await this.#find(username);
    if (new Form(body).text('confirm') !== username) {
      const { t } = await this.pages.locale(request);
      const refusal = { status: 400, alert: t('users.mismatch') };
      return await this.#render(request, response, user, presentUserFields(user), refusal);
    }
    try {
      await this.users.remove(username);
    } catch (error) {
      return await this.#render(request, response, user, presentUserFields(user), await this.#refusal(request, error));
    }
    this.pages.redirect(response, '/users', { tone: 'ok', key: 'userRemoved', values: { name: username } });
  }

  async #switch(request: Request, response: Response, username: string, enabled: boolean): Promise<void> {
    const user = await this.#find(username);
    try {
      await this.users.update(username, { enabled });
    } catch (error) {
      return await this.#render(request, response, user, presentUserFields(user), await this.#refusal(request, error));
    }
    const key = enabled ? 'userEnabled' : 'userDisabled';
    this.pages.redirect(response, urlOfUser(username), { tone: 'ok', key, values: { name: username } });
  }

  async #showPassword(
    request: Request,
    response: Response,
    { username }: User,
    password: string,
    lead: string,
  ): Promise<void> {
    const grantsUrl = withQuery('/permissions', { user: username });
    await this.pages.show(request, response, 'users/password', { username, password, lead, grantsUrl });
  }

  async #renderNew(request: Request, response: Response, fields: UserFields, refusal?: RefusedUser): Promise<void> {
    const model = { form: presentUserForm(fields, refusal?.wrong), alert: refusal?.alert };
    await this.pages.show(request, response, 'users/new', model, refusal?.status);
  }

  async #render(
    request: Request,
    response: Response,
    user: User,
    fields: UserFields,
    refusal?: RefusedUser,
  ): Promise<void> {
    const model = { user: presentUser(user), form: presentUserForm(fields, refusal?.wrong), alert: refusal?.alert };
    await this.pages.show(request, response, 'users/show', model, refusal?.status);
  }

  async #refusal(request: Request, error: unknown): Promise<RefusedUser> {
    return refusedUser(error, await this.pages.locale(request));
  }

  async #find(username: string): Promise<User> {
    const user = await this.users.find(username);
    if (user === undefined) throw new Failure('NOT_FOUND');
    return user;
  }
}

function presentUserFields({ username, fullName, email, role }: User): UserFields {
  return { username, fullName: fullName ?? '', email: email ?? '', role };
}
