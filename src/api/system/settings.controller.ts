import { Controller, Get, Inject } from '@nestjs/common';
import { AdminOnly } from '../../access/route-policy.js';
import { DESCRIBED_SETTINGS, type DescribedSetting } from '../../config/config.js';

/** All settings of the process that answers, since it began. */
export interface SettingsInForce {
  readonly startedAt: Date;
  readonly items: readonly DescribedSetting[];
}

/** What the running server was told; of secrets only whether and where they are set. */
@Controller('api/v1/system/settings')
@AdminOnly()
export class SettingsController {
  constructor(@Inject(DESCRIBED_SETTINGS) private readonly settings: readonly DescribedSetting[]) {}

  /** There is a fixed number of them, so they come as one list. */
  @Get()
  list(): SettingsInForce {
    return { startedAt: new Date(performance.timeOrigin), items: this.settings };
  }
}
