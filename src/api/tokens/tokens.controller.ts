import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isPattern } from '../../access/pattern.js';
import { SignedIn } from '../../access/route-policy.js';
import { requireThroughout } from '../../audit/origin.js';
import { Failure } from '../../errors/failure.js';
import { changeMatching, Tagged } from '../../http/if-match.js';
import { signedIn } from '../../http/session/signed-in.js';
import type { AccessToken, TokenScope } from '../../users/tokens/access-token.js';
import { AccessTokens, type IssuedAccessToken } from '../../users/tokens/access-tokens.js';
import type { User } from '../../users/user.js';
import { Users } from '../../users/users.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import type { List } from '../lists/present-list.js';
import { presentList } from '../lists/present-list.js';
import { isRowId, parseRowId } from '../lists/row-id.js';
import { timeOf } from '../lists/time.js';
import { type PresentedToken, presentToken } from './present-token.js';
import { CreateTokenBody, type TokenScopeBody, TokensQuery } from './tokens.dto.js';

interface Owned {
  readonly token: AccessToken;
  readonly owner: User;
}

type IssuedToken = PresentedToken & { readonly secret: string };

/** Personal access tokens. Everybody has their own; somebody else's looks as if it did not exist, except to an admin. */
@Controller('api/v1/tokens')
@SignedIn()
export class TokensController {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly users: Users,
  ) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: TokensQuery): Promise<List<PresentedToken>> {
    const userId = await this.#whose(signedIn(request).user, query.user);
    const page = await this.tokens.list({ ...placeOf(query, isRowId), ...(userId !== undefined && { userId }) });
    const owned = await Promise.all(page.items.map((token) => this.#withOwner(token)));
    const items = owned.filter((row) => row !== undefined); // an account may go while its tokens are read
    return presentList({ ...page, items }, ({ token, owner }) => presentToken(token, owner));
  }

  /** The answer has the secret, this once. */
  @Post()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() { name, expiresAt, scopes = [] }: CreateTokenBody,
  ): Promise<IssuedToken> {
    const { user } = signedIn(request);
    const end = timeOf(expiresAt);
    if (await this.#outlives(request, end ?? null)) {
      const detail = [{ pointer: '/expiresAt', message: 'not later than the end of the access token that makes it' }];
      throw new Failure('VALIDATION_FAILED', { detail });
    }
    const issued = await this.tokens.create(user.id, {
      name,
      expiresAt: end,
      scopes: scopes.map(parseScope),
    });
    response.location(`/api/v1/tokens/${issued.token.id}`);
    return presentIssued(issued, user);
  }

  @Get(':id')
  @Tagged()
  async show(@Req() request: Request, @Param('id') id: string): Promise<PresentedToken> {
    const { token, owner } = await this.#find(request, id);
    return presentToken(token, owner);
  }

  /** Another secret for the same token; the old one ends at once. Only its owner may know the new one. */
  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(@Req() request: Request, @Param('id') id: string): Promise<IssuedToken> {
    const { token, owner } = await this.#find(request, id);
    if (owner.id !== signedIn(request).user.id)
      throw new Failure('DENIED', { message: 'only its owner may rotate a token' });
    if (await this.#outlives(request, token.expiresAt))
      throw new Failure('DENIED', { message: 'the access token that asks ends before this one' });
    return await this.#change(request, id, async () => presentIssued(await this.tokens.rotate(token.id), owner));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('id') id: string): Promise<void> {
    const { token } = await this.#find(request, id);
    await this.#change(request, id, () => this.tokens.remove(token.id));
  }

  #change<T>(request: Request, id: string, change: () => Promise<T>): Promise<T> {
    return changeMatching(request, `token ${id}`, () => this.show(request, id), change);
  }

  /** The id of the user whose tokens are listed; undefined for everybody's. */
  async #whose(asker: User, username: string | undefined): Promise<number | undefined> {
    if (username === asker.username) return asker.id;
    if (asker.role !== 'admin') {
      if (username !== undefined) throw new Failure('DENIED');
      return asker.id;
    }
    if (username === undefined) return undefined;
    const user = await this.users.find(username);
    if (user === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such user' });
    return user.id;
  }

  /** Whether a secret that is good until then would outlive the access token that asks for it: who finds a token has it for its own time and no longer. */
  async #outlives(request: Request, end: Date | null): Promise<boolean> {
    const { credential } = signedIn(request);
    const asking = credential.kind === 'pat' ? await this.tokens.findById(credential.id) : undefined;
    const until = asking?.expiresAt ?? null;
    return until !== null && (end === null || end > until);
  }

  async #find(request: Request, id: string): Promise<Owned> {
    const unknown = () => new Failure('NOT_FOUND', { message: 'there is no such access token' });
    const token = await this.tokens.findById(parseRowId(id));
    await requireThroughout(() => {
      const asker = signedIn(request).user;
      if (asker.role !== 'admin' && token?.userId !== asker.id) throw unknown();
    });
    const owned = token && (await this.#withOwner(token));
    if (owned === undefined) throw unknown();
    return owned;
  }

  async #withOwner(token: AccessToken): Promise<Owned | undefined> {
    const owner = await this.users.findById(token.userId);
    return owner && { token, owner };
  }
}

function presentIssued({ token, secret }: IssuedAccessToken, owner: User): IssuedToken {
  return { ...presentToken(token, owner), secret };
}

function parseScope({ pattern, actions }: TokenScopeBody, index: number): TokenScope {
  if (isPattern(pattern)) return { pattern, actions };
  const pointer = `/scopes/${index}/pattern`;
  throw new Failure('VALIDATION_FAILED', {
    detail: [{ pointer, message: 'the pattern is not team/app, team/* or *' }],
  });
}
