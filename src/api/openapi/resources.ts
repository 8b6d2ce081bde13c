import { auditResource } from '../audit/audit.openapi.js';
import { grantsResource, ownPermissionsResource } from '../grants/grants.openapi.js';
import { groupsResource } from '../groups/groups.openapi.js';
import { imagesResource, tagsResource } from '../images/images.openapi.js';
import { jobsResource } from '../jobs/jobs.openapi.js';
import { repositoriesResource } from '../repositories/repositories.openapi.js';
import { robotsResource } from '../robots/robots.openapi.js';
import { sessionsResource, signInResource } from '../sign-in/sign-in.openapi.js';
import { statsResource } from '../stats/stats.openapi.js';
import { layoutResource } from '../system/layout.openapi.js';
import { infoResource, keysResource, settingsResource } from '../system/system.openapi.js';
import { tokensResource } from '../tokens/tokens.openapi.js';
import { uploadsResource } from '../uploads/uploads.openapi.js';
import { usersResource } from '../users/users.openapi.js';
import type { Resource } from './resource.js';

/** Everything below /api/v1. A spec compares it with the controllers. */
export const resources: readonly Resource[] = [
  signInResource,
  ownPermissionsResource,
  sessionsResource,
  usersResource,
  groupsResource,
  robotsResource,
  tokensResource,
  uploadsResource,
  repositoriesResource,
  tagsResource,
  imagesResource,
  grantsResource,
  statsResource,
  jobsResource,
  auditResource,
  infoResource,
  settingsResource,
  keysResource,
  layoutResource,
];
