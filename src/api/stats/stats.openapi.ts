import type { DayCount } from '../../audit/activity.store.js';
import { namedSchema } from '../audit/audit.openapi.js';
import { describeResource } from '../openapi/resource.js';
import { count, many, members, ref, text, time } from '../openapi/schema.js';
import { type PresentedPush, type PresentedStats, StatsController } from './stats.controller.js';

const stats = members<PresentedStats>({
  repositories: count,
  tags: count,
  size: count,
  days: many(members<DayCount>({ day: { type: 'string', format: 'date' }, pulls: count, pushes: count })),
  recentPushes: many(
    members<PresentedPush>({ repository: text, reference: text, digest: text, at: time, actor: namedSchema }),
  ),
});
const example = {
  repositories: 12,
  tags: 340,
  size: 31_457_280,
  days: [{ day: '2026-11-21', pulls: 120, pushes: 8 }],
  recentPushes: [
    {
      repository: 'team/app',
      reference: '1.28.3',
      digest: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
      at: '2026-11-21T08:00:00.000Z',
      actor: { kind: 'user', name: 'ann' },
    },
  ],
};

export const statsResource = describeResource(
  StatsController,
  'statistics',
  {
    show: {
      id: 'getStatistics',
      summary: 'Show how much there is',
      description:
        'Of the repositories you may pull: how many, their tags, the bytes of their blobs (each once), pulls and pushes of the last 30 days (UTC, the oldest first, as far as the audit reaches back), and the latest ten pushes of those days.',
      errors: ['SEARCH_TIMEOUT', 'TOO_MANY_REQUESTS'],
      answer: { schema: ref('Statistics'), example },
    },
  },
  { schemas: { Statistics: { ...stats, examples: [example] } } },
);
