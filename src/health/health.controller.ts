import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Public } from '../access/route-policy.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** For load balancers and container engines: no sign-in, no detail beyond what failed. */
@Controller()
@Public()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** The process answers. */
  @Get('healthz')
  @Header('Cache-Control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when database and disk work, else 503 with what is wrong; and how far those are who follow changes. */
  @Get('readyz')
  @Header('Cache-Control', 'no-store')
  async ready(
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ status: string } & Omit<ReadinessReport, 'ready'>> {
    const { ready, ...details } = await this.readiness.report();
    if (!ready) response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? 'ok' : 'unavailable', ...details };
  }
}
