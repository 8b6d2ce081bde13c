import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { Activity, type DayCount, type RecentPush } from '../../audit/activity.store.js';
import type { Seeker } from '../../database/seeker.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { AllowsNarrowed } from '../../http/session/allows-narrowed.js';
import { requestAsker } from '../../http/session/signed-in.js';
import { Images } from '../../images/images.js';
import type { RegistryTotals } from '../../images/totals.store.js';
import { Permissions } from '../../permissions/permissions.js';
import { type Named, named } from '../audit/present-event.js';
import { CostlyAnswers } from './costly-answers.js';

/** How far back the days go, today included. */
const shownDays = 30;
const shownPushes = 10;

export interface PresentedStats extends RegistryTotals {
  readonly days: readonly DayCount[];
  readonly recentPushes: readonly PresentedPush[];
}

export interface PresentedPush extends Omit<RecentPush, 'actor'> {
  readonly actor: Named;
}

/** How much there is and what goes on, of what the asker may pull. */
@Controller('api/v1/stats')
export class StatsController {
  readonly #totals = new CostlyAnswers<RegistryTotals>();
  readonly #days = new CostlyAnswers<DayCount[]>();
  readonly #pushes = new CostlyAnswers<RecentPush[]>();

  constructor(
    private readonly permissions: Permissions,
    private readonly images: Images,
    private readonly activity: Activity,
  ) {}

  @Get()
  @SignedIn()
  @AllowsNarrowed()
  async show(@Req() request: Request): Promise<PresentedStats> {
    const visible = await this.permissions.selectVisible(requestAsker(request));
    const seeker = requestSeeker(request);
    const key = await this.permissions.identifyVisible(visible, seeker);
    const question = { key, by: seeker.key };
    // What is found is for all who ask the same, so it is looked for until one of them has it, whoever leaves meanwhile.
    const as = (gone: AbortSignal): Seeker => ({ key: seeker.key, gone });
    const [totals, days, pushes] = await Promise.all([
      this.#totals.get(question, (over) => this.images.totalsOf(visible, as(over))),
      this.#days.get(question, (over) => this.activity.byDay(visible, shownDays, as(over))),
      this.#pushes.get(question, (over) =>
        this.activity.pushes(visible, { days: shownDays, limit: shownPushes }, as(over)),
      ),
    ]);
    return { ...totals, days, recentPushes: pushes.map((push) => ({ ...push, actor: named(push.actor) })) };
  }
}
