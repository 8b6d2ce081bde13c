import { Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import { currentOrigin } from '../../audit/origin.js';
import { type LayoutTask, type LayoutTaskKind, LayoutTasks } from '../../layout/layout-tasks.js';

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
  ) {}

  @Get('layout')
  show(): LayoutStatus {
    const { current } = this.tasks;
    return { task: current ? presentTask(current) : null };
  }

  /** Writes all images into the layout. */
  @Post('layout\\:sync')
  @HttpCode(202)
  sync(@Res({ passthrough: true }) response: Response): LayoutStatus {
    return this.#start('sync', response);
  }

  /** Takes all images of the layout into the index. */
  @Post('layout\\:reindex')
  @HttpCode(202)
  reindex(@Res({ passthrough: true }) response: Response): LayoutStatus {
    return this.#start('reindex', response);
  }

  /** 202 when it begins, 200 with the one that runs already. */
  #start(kind: LayoutTaskKind, response: Response): LayoutStatus {
    const { task, started } = this.tasks.start(kind);
    if (started) this.audit.note(`layout.${kind}`, '', currentOrigin());
    else response.status(200);
    return { task: presentTask(task) };
  }
}

function presentTask(task: LayoutTask): LayoutTask {
  const { kind, state, startedAt, endedAt, repositories, manifests, tags, links, skipped, problems, error } = task;
  return { kind, state, startedAt, endedAt, repositories, manifests, tags, links, skipped, problems, error };
}
