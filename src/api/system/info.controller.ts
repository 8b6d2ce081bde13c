import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { AdminOnly } from '../../access/route-policy.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { Installation, type InstallationInfo } from './installation.js';

@Controller('api/v1/system/info')
@AdminOnly()
export class InfoController {
  constructor(private readonly installation: Installation) {}

  @Get()
  show(@Req() request: Request): Promise<InstallationInfo> {
    return this.installation.describe(requestSeeker(request));
  }
}
