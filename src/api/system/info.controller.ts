import { Controller, Get } from '@nestjs/common';
import { AdminOnly } from '../../access/route-policy.js';
import { Installation, type InstallationInfo } from './installation.js';

@Controller('api/v1/system/info')
@AdminOnly()
export class InfoController {
  constructor(private readonly installation: Installation) {}

  @Get()
  show(): Promise<InstallationInfo> {
    return this.installation.describe();
  }
}
