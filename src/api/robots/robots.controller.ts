import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { ifMatch, Tagged } from '../../http/if-match.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { requestAsker } from '../../http/session/signed-in.js';
import type { ManagedRobots } from '../../permissions/managed-robots.js';
import { Management } from '../../permissions/management.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { parseRowId } from '../lists/row-id.js';
import { timeOf } from '../lists/time.js';
import { type PresentedRobot, presentRobot } from './present-robot.js';
import { CreateRobotBody, RobotSecretBody, RobotsQuery, UpdateRobotBody } from './robots.dto.js';

/**
 * Accounts of programs. An admin sees all of them, whoever manages everything below a namespace those of that namespace;
 * others look as if they did not exist. Who may do what to them is for {@link ManagedRobots} to say.
 */
@Controller('api/v1/robots')
@SignedIn()
export class RobotsController {
  constructor(private readonly management: Management) {}

  /** Who is no admin names the `namespace`. */
  @GetPage()
  async list(@Req() request: Request, @Query() query: RobotsQuery): Promise<List<PresentedRobot>> {
    const { namespace, q } = query;
    const page = await this.#managed(request).list({
      ...placeOf(query, isFullName),
      ...(namespace !== undefined && { namespace }),
      q,
      by: requestSeeker(request),
    });
    return presentList(page, presentRobot);
  }

  /** The answer has the secret, this once. */
  @Post()
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() { expiresAt, ...body }: CreateRobotBody,
  ): Promise<PresentedRobot & { readonly secret: string }> {
    const { robot, secret } = await this.#managed(request).create({ ...body, expiresAt: timeOf(expiresAt) });
    response.location(`/api/v1/robots/${encodeURIComponent(robot.name)}`);
    return { ...presentRobot(robot), secret };
  }

  @Get(':name')
  @Tagged()
  async show(@Req() request: Request, @Param('name') name: string): Promise<PresentedRobot> {
    return presentRobot(await this.#managed(request).get(name));
  }

  /** Disabling it ends what was issued to it at once. */
  @Patch(':name')
  @Tagged()
  async update(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() { expiresAt, ...body }: UpdateRobotBody,
  ): Promise<PresentedRobot> {
    const changes = { ...body, expiresAt: timeOf(expiresAt) };
    return presentRobot(await this.#managed(request).update(name, changes, ifMatch(request, presentRobot)));
  }

  /** Its secrets and grants go with it. */
  @Delete(':name')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('name') name: string): Promise<void> {
    await this.#managed(request).remove(name, ifMatch(request, presentRobot));
  }

  /** A second secret beside the first, so that every program has the new one before the old one goes. */
  @Post(':name/secrets')
  async addSecret(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() body?: RobotSecretBody,
  ): Promise<{ readonly id: number; readonly secret: string }> {
    const wanted = { expiresAt: timeOf(body?.expiresAt) };
    return await this.#managed(request).addSecret(name, wanted, ifMatch(request, presentRobot));
  }

  @Delete(':name/secrets/:id')
  @HttpCode(204)
  async removeSecret(@Req() request: Request, @Param('name') name: string, @Param('id') id: string): Promise<void> {
    await this.#managed(request).removeSecret(name, parseRowId(id), ifMatch(request, presentRobot));
  }

  #managed(request: Request): ManagedRobots {
    return this.management.robots(requestAsker(request));
  }
}

function isFullName(text: string): boolean {
  return text.includes('+');
}
