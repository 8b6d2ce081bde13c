import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { parsePattern } from '../../access/pattern.js';
import { SignedIn } from '../../access/route-policy.js';
import { requestPrincipal } from '../../auth/signed-in.js';
import { Failure } from '../../errors/failure.js';
import { Permissions } from '../../permissions/permissions.js';
import { isNamespace, namespaceRule, type Robot } from '../../users/robots/robot.js';
import { Robots } from '../../users/robots/robots.js';
import { changeMatching, Tagged } from '../http/if-match.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { parseRowId } from '../lists/row-id.js';
import { timeOf } from '../lists/time.js';
import { type PresentedRobot, presentRobot } from './present-robot.js';
import { CreateRobotBody, RobotSecretBody, RobotsQuery, UpdateRobotBody } from './robots.dto.js';

/**
 * Accounts of programs. An admin sees all of them, whoever manages everything below a namespace those of that namespace;
 * others look as if they did not exist.
 */
@Controller('api/v1/robots')
@SignedIn()
export class RobotsController {
  constructor(
    private readonly robots: Robots,
    private readonly permissions: Permissions,
  ) {}

  /** Who is no admin names the `namespace`. */
  @GetPage()
  async list(@Req() request: Request, @Query() query: RobotsQuery): Promise<List<PresentedRobot>> {
    const { namespace, q } = query;
    await this.requireManaging(request, namespace);
    const page = await this.robots.list({
      ...placeOf(query, isFullName),
      ...(namespace !== undefined && { namespace }),
      q,
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
    await this.requireManaging(request, body.namespace);
    const { robot, secret } = await this.robots.create({ ...body, expiresAt: timeOf(expiresAt) });
    response.location(`/api/v1/robots/${encodeURIComponent(robot.name)}`);
    return { ...presentRobot(robot), secret };
  }

  @Get(':name')
  @Tagged()
  async show(@Req() request: Request, @Param('name') name: string): Promise<PresentedRobot> {
    return presentRobot(await this.find(request, name));
  }

  /** Disabling it ends what was issued to it at once. */
  @Patch(':name')
  @Tagged()
  async update(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() { expiresAt, ...body }: UpdateRobotBody,
  ): Promise<PresentedRobot> {
    return await this.change(request, name, async () =>
      presentRobot(await this.robots.update(name, { ...body, expiresAt: timeOf(expiresAt) })),
    );
  }

  /** Its secrets and grants go with it. */
  @Delete(':name')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('name') name: string): Promise<void> {
    await this.change(request, name, () => this.robots.remove(name));
  }

  /** A second secret beside the first, so that every program has the new one before the old one goes. */
  @Post(':name/secrets')
  async addSecret(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() body?: RobotSecretBody,
  ): Promise<{ readonly id: number; readonly secret: string }> {
    return await this.change(request, name, () => this.robots.addSecret(name, { expiresAt: timeOf(body?.expiresAt) }));
  }

  @Delete(':name/secrets/:id')
  @HttpCode(204)
  async removeSecret(@Req() request: Request, @Param('name') name: string, @Param('id') id: string): Promise<void> {
    await this.change(request, name, () => this.robots.removeSecret(name, parseRowId(id)));
  }

  private async change<T>(request: Request, name: string, change: () => Promise<T>): Promise<T> {
    await this.find(request, name);
    return await changeMatching(request, `robot ${name}`, () => this.show(request, name), change);
  }

  private async find(request: Request, name: string): Promise<Robot> {
    const robot = await this.robots.find(name);
    if (robot === undefined || !(await this.manages(request, robot.namespace))) {
      throw new Failure('NOT_FOUND', { message: 'there is no such robot' });
    }
    return robot;
  }

  private async requireManaging(request: Request, namespace: string | undefined): Promise<void> {
    if (namespace !== undefined && !isNamespace(namespace)) {
      throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/namespace', message: namespaceRule }] });
    }
    if (!(await this.manages(request, namespace))) throw new Failure('DENIED');
  }

  /** @param namespace undefined for all of them */
  private async manages(request: Request, namespace: string | undefined): Promise<boolean> {
    const pattern = parsePattern(namespace === undefined ? '*' : `${namespace}/*`);
    return await this.permissions.managesPattern(requestPrincipal(request), pattern);
  }
}

function isFullName(text: string): boolean {
  return text.includes('+');
}
