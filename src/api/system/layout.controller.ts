import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import { currentOrigin } from '../../audit/origin.js';
import { Failure } from '../../errors/failure.js';
import { type LayoutTask, type LayoutTaskKind, LayoutTasks } from '../../layout/layout-tasks.js';
import { Users } from '../../users/users.js';

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
    private readonly users: Users,
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
  #start(kind: LayoutTaskKind, { user: asker }: Request, response: Response): LayoutStatus {
    const { task, started } = this.tasks.start(kind, async () => {
      if (asker?.via !== 'local') await this.#requireAdministrator(asker?.user?.id);
    });
    if (started) this.audit.note(`layout.${kind}`, '', currentOrigin());
    else response.status(200);
    return { task: presentTask(task) };
  }

  /** A walk takes longer than a session may last, so it is the account that counts. */
  async #requireAdministrator(userId: number | undefined): Promise<void> {
    const user = userId === undefined ? undefined : await this.users.findById(userId);
    if (!user?.enabled || user.role !== 'admin')
      throw new Failure('DENIED', { message: 'whoever began this is no administrator any more' });
  }
}

function presentTask(task: LayoutTask): LayoutTask {
  const { kind, state, startedAt, endedAt, repositories, manifests, tags, links, skipped, problems, error } = task;
  return { kind, state, startedAt, endedAt, repositories, manifests, tags, links, skipped, problems, error };
}
