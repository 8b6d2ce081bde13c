import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AdminOnly } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { ifMatch, Tagged } from '../../http/if-match.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { isGroupName } from '../../users/groups/group.js';
import { type GroupRow, Groups } from '../../users/groups/groups.js';
import { isUsername } from '../../users/user.js';
import { GetPage } from '../lists/get-page.js';
import { ListQuery, PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { type PresentedUser, presentUser } from '../users/present-user.js';
import { CreateGroupBody, UpdateGroupBody } from './groups.dto.js';
import { type PresentedGroup, presentGroup } from './present-group.js';

/** Groups of users. What a group is granted, each of its members has. */
@Controller('api/v1/groups')
@AdminOnly()
export class GroupsController {
  constructor(private readonly groups: Groups) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: ListQuery): Promise<List<PresentedGroup>> {
    const by = requestSeeker(request);
    return presentList(await this.groups.list({ ...placeOf(query, isGroupName), q: query.q, by }), presentGroup);
  }

  @Post()
  async create(@Res({ passthrough: true }) response: Response, @Body() body: CreateGroupBody): Promise<PresentedGroup> {
    const group = await this.groups.create(body);
    response.location(`/api/v1/groups/${encodeURIComponent(group.name)}`);
    return presentGroup(group);
  }

  @Get(':name')
  @Tagged()
  async show(@Param('name') name: string): Promise<PresentedGroup> {
    const group = await this.groups.find(name);
    if (group === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such group' });
    return presentGroup(group);
  }

  @Patch(':name')
  @Tagged()
  async update(
    @Req() request: Request,
    @Param('name') name: string,
    @Body() body: UpdateGroupBody,
  ): Promise<PresentedGroup> {
    return presentGroup(await this.groups.update(name, body, ifMatch(request, asPresented)));
  }

  /** The grants of the group go with it, its members stay. */
  @Delete(':name')
  @HttpCode(204)
  async remove(@Req() request: Request, @Param('name') name: string): Promise<void> {
    await this.groups.remove(name, ifMatch(request, asPresented));
  }

  @GetPage(':name/members')
  async members(@Param('name') name: string, @Query() query: PageQuery): Promise<List<PresentedUser>> {
    return presentList(await this.groups.membersOf(name, placeOf(query, isUsername)), presentUser);
  }

  /** Nothing changes for one who is a member already. */
  @Put(':name/members/:username')
  @HttpCode(204)
  async addMember(@Param('name') name: string, @Param('username') username: string): Promise<void> {
    await this.groups.addMember(name, username);
  }

  @Delete(':name/members/:username')
  @HttpCode(204)
  async removeMember(@Param('name') name: string, @Param('username') username: string): Promise<void> {
    await this.groups.removeMember(name, username);
  }
}

/** How many members it has is no part of its ETag. */
function asPresented(group: GroupRow): PresentedGroup {
  return presentGroup({ ...group, memberCount: 0 });
}
