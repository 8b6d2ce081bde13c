import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isPattern } from '../../access/pattern.js';
import { SignedIn } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { ifMatch, Tagged } from '../../http/if-match.js';
import { requestTokenAsker } from '../../http/session/signed-in.js';
import type { ManagedTokens, OwnedToken } from '../../permissions/managed-tokens.js';
import { Management } from '../../permissions/management.js';
import type { TokenScope } from '../../users/tokens/access-token.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import type { List } from '../lists/present-list.js';
import { presentList } from '../lists/present-list.js';
import { isRowId, parseRowId } from '../lists/row-id.js';
import { timeOf } from '../lists/time.js';
import { type PresentedToken, presentToken } from './present-token.js';
import { CreateTokenBody, type TokenScopeBody, TokensQuery } from './tokens.dto.js';

type IssuedToken = PresentedToken & { readonly secret: string };

/** Personal access tokens. Who may see and change which is for {@link ManagedTokens} to say. */
@Controller('api/v1/tokens')
@SignedIn()
export class TokensController {
  constructor(private readonly management: Management) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: TokensQuery): Promise<List<PresentedToken>> {
    const page = await this.#managed(request).list({ ...placeOf(query, isRowId), username: query.user });
    return presentList(page, presentToken);
  }

  /** The answer has the secret, this once. */
  @Post()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() { name, expiresAt, scopes = [] }: CreateTokenBody,
  ): Promise<IssuedToken> {
    const wanted = { name, expiresAt: timeOf(expiresAt), scopes: scopes.map(parseScope) };
    const issued = await this.#managed(request).create(wanted);
    response.location(`/api/v1/tokens/${issued.token.id}`);
    return presentIssued(issued);
  }

  @Get(':id')
  @Tagged()
  async show(@Req() request: Request, @Param('id') id: string): Promise<PresentedToken> {
    return presentToken(await this.#managed(request).get(parseRowId(id)));
  }

  /** Another secret for the same token; the old one ends at once. Only its owner may know the new one. */
  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(@Req() request: Request, @Param('id') id: string): Promise<IssuedToken> {
    return presentIssued(await this.#managed(request).rotate(parseRowId(id), ifMatch(request, presentToken)));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('id') id: string): Promise<void> {
    await this.#managed(request).remove(parseRowId(id), ifMatch(request, presentToken));
  }

  #managed(request: Request): ManagedTokens {
    return this.management.tokens(requestTokenAsker(request));
  }
}

function presentIssued({ secret, ...owned }: OwnedToken & { readonly secret: string }): IssuedToken {
  return { ...presentToken(owned), secret };
}

function parseScope({ pattern, actions }: TokenScopeBody, index: number): TokenScope {
  if (isPattern(pattern)) return { pattern, actions };
  const pointer = `/scopes/${index}/pattern`;
  throw new Failure('VALIDATION_FAILED', {
    detail: [{ pointer, message: 'the pattern is not team/app, team/* or *' }],
  });
}
