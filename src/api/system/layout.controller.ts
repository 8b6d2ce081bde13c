import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { currentOrigin } from '../../access/origin.js';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import { requestPrincipal } from '../../http/session/signed-in.js';
import { type LayoutTask, type LayoutTaskKind, LayoutTasks } from '../../layout/layout-tasks.js';
import { Management } from '../../permissions/management.js';

/** The walk over the layout that runs, else the last one since the start of the program. */
export interface LayoutStatus {
  readonly task: LayoutTask | null;
}

/** The index in files, as CNCF Distribution keeps it. */
@Controller('api/v1/system')
@AdminOnly()
export class LayoutController {
  constructor(
    private readonly tasks: LayoutTasks,
    private readonly audit: Audit,
    private readonly management: Management,
  ) {}

  @Get('layout')
  show(): LayoutStatus {
    const { current } = this.tasks;
    return { task: current ? presentTask(current) : null };
  }

  /** Writes all images into the layout. */
  @Post('layout\\:sync')
  @HttpCode(202)
  sync(@Req() request: Request, @Res({ passthrough: true }) response: Response): LayoutStatus {
    return this.#start('sync', request, response);
  }

  /** Takes all images of the layout into the index. */
  @Post('layout\\:reindex')
  @HttpCode(202)
  reindex(@Req() request: Request, @Res({ passthrough: true }) response: Response): LayoutStatus {
    return this.#start('reindex', request, response);
  }

  /** 202 when it begins, 200 with the one that runs already. */
  #start(kind: LayoutTaskKind, request: Request, response: Response): LayoutStatus {
    // A walk takes longer than a session may last, so it is the account that counts.
    const by = { principal: requestPrincipal(request) };
    const { task, started } = this.tasks.start(kind, () => this.management.requireStillAdministrator(by));
    if (started) this.audit.note(`layout.${kind}`, '', currentOrigin());
    else response.status(200);
    return { task: presentTask(task) };
  }
}

function presentTask(task: LayoutTask): LayoutTask {
  const { kind, state, startedAt, endedAt, repositories, manifests, tags, links, skipped, problems, error } = task;
  return { kind, state, startedAt, endedAt, repositories, manifests, tags, links, skipped, problems, error };
}
