import { pipeline } from 'node:stream/promises';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { actorOf } from '../../access/origin.js';
import { userIdOf } from '../../access/principal.js';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import { CONFIG, type Config } from '../../config/config.js';
import { originOf } from '../../http/change-origin.js';
import { RouteAccess } from '../../http/session/route-access.js';
import { requestPrincipal } from '../../http/session/signed-in.js';
import type { Job, JobLine } from '../../jobs/job.js';
import { Jobs } from '../../jobs/jobs.js';
import { GetPage } from '../lists/get-page.js';
import { PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { isRowId, parseRowId } from '../lists/row-id.js';
import { JobFollowers } from './job-followers.js';
import { EventsQuery, JobsQuery, RunBody } from './jobs.dto.js';
import { type PresentedJob, presentJob } from './present-job.js';

/** Work that takes longer than a request. */
@Controller('api/v1/jobs')
@AdminOnly()
export class JobsController {
  constructor(
    private readonly jobs: Jobs,
    private readonly followers: JobFollowers,
    private readonly audit: Audit,
    private readonly access: RouteAccess,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @GetPage()
  async list(@Query() query: JobsQuery): Promise<List<PresentedJob>> {
    const { kind, state } = query;
    const filter = { ...(kind !== undefined && { kind }), ...(state !== undefined && { state }) };
    return presentList(await this.jobs.page(filter, placeOf(query, isRowId)), presentJob);
  }

  /** 202 when it waits for its turn, 200 with the one that has not ended. */
  @Post()
  @HttpCode(202)
  async run(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() { kind }: RunBody,
  ): Promise<PresentedJob> {
    const principal = requestPrincipal(request);
    const { job, added } = await this.jobs.run(kind, { actor: actorOf(principal), account: userIdOf(principal) });
    if (added) this.#note('job.run', request, job);
    else response.status(200);
    return presentJob(job);
  }

  @Get(':id')
  async show(@Param('id') id: string): Promise<PresentedJob> {
    return presentJob(await this.jobs.get(parseRowId(id)));
  }

  @GetPage(':id/lines')
  async lines(@Param('id') id: string, @Query() query: PageQuery): Promise<List<JobLine>> {
    const job = await this.jobs.get(parseRowId(id));
    const { limit, cursor } = placeOf(query, isRowId);
    const items = await this.jobs.lines(job.id, Number(cursor ?? 0), limit + 1);
    const last = items.length > limit ? items[limit - 1] : undefined;
    const page = { items: items.slice(0, limit), ...(last !== undefined && { nextCursor: String(last.number) }) };
    return presentList(page, (line) => line);
  }

  /** Comes to rest within two seconds; changes nothing of a job that has ended. */
  @Post(':id/cancel')
  @HttpCode(202)
  async cancel(@Req() request: Request, @Param('id') id: string): Promise<PresentedJob> {
    const job = await this.jobs.cancel(parseRowId(id));
    this.#note('job.cancel', request, job);
    return presentJob(job);
  }

  /** Server-sent events until the job has ended. */
  @Get(':id/events')
  async events(
    @Req() request: Request,
    @Res() response: Response,
    @Param('id') id: string,
    @Query() { behind }: EventsQuery,
  ): Promise<void> {
    const { id: job } = await this.jobs.get(parseRowId(id));
    const said = request.headers['last-event-id'];
    const known = Number(behind ?? (typeof said === 'string' && /^\d{1,9}$/.test(said) ? said : 0));
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const events = this.followers.follow(job, known, gone.signal, () => this.access.askAgain(request));
    const first = await events.next(); // what is refused is refused before anything is said
    response.type('text/event-stream').set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    if (request.method === 'HEAD' || first.done === true) {
      response.end();
      await events.return(undefined);
      return;
    }
    async function* all() {
      yield first.value;
      yield* events;
    }
    try {
      await pipeline(all, response);
    } catch (error) {
      if (!request.socket.destroyed) throw error; // the client went away; nobody is left to answer
    }
  }

  #note(action: 'job.run' | 'job.cancel', request: Request, { kind, id }: Job): void {
    const origin = originOf(request, requestPrincipal(request), this.config);
    this.audit.note(action, kind, origin, { reference: String(id) });
  }
}
