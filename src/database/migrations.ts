import type { MigrationInterface } from 'typeorm';
import { Initial1763700000000 } from '../../migrations/1763700000000-initial.js';
import { GroupsRobotsTokens1764000000000 } from '../../migrations/1764000000000-groups-robots-tokens.js';
import { Audit1764000000001 } from '../../migrations/1764000000001-audit.js';
import { TagMoves1764000000002 } from '../../migrations/1764000000002-tag-moves.js';
import { AuditIndexes1764000000003 } from '../../migrations/1764000000003-audit-indexes.js';
import { LayoutChanges1764000000004 } from '../../migrations/1764000000004-layout-changes.js';
import { ReferrerIndexes1764000000005 } from '../../migrations/1764000000005-referrer-indexes.js';
import { BoundedManifests1764200000010 } from '../../migrations/1764200000010-bounded-manifests.js';
import { AuditRepositories1764200000020 } from '../../migrations/1764200000020-audit-repositories.js';
import { SessionCap1764200000050 } from '../../migrations/1764200000050-session-cap.js';
import { RemovedRepositories1764300000010 } from '../../migrations/1764300000010-removed-repositories.js';
import { PublishedViews1764400000020 } from '../../migrations/1764400000020-published-views.js';
import { Changes1764400000030 } from '../../migrations/1764400000030-changes.js';
import { Jobs1764500000010 } from '../../migrations/1764500000010-jobs.js';

/** Every schema change in order, listed by hand because a bundled program has no folder to search. */
export const migrations: (new () => MigrationInterface)[] = [
  Initial1763700000000,
  GroupsRobotsTokens1764000000000,
  Audit1764000000001,
  TagMoves1764000000002,
  AuditIndexes1764000000003,
  LayoutChanges1764000000004,
  ReferrerIndexes1764000000005,
  BoundedManifests1764200000010,
  AuditRepositories1764200000020,
  SessionCap1764200000050,
  RemovedRepositories1764300000010,
  PublishedViews1764400000020,
  Changes1764400000030,
  Jobs1764500000010,
];
