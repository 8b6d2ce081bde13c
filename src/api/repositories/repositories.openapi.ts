import { actions } from '../../access/action.js';
import { subjectTypes } from '../../access/subject.js';
import { visibilities } from '../../access/visibility.js';
import type { EndingRights } from '../../permissions/rights.js';
import type { PresentedRights } from '../grants/present-rights.js';
import { describeResource } from '../openapi/resource.js';
import { choice, flag, listOf, many, members, orNull, ref, rowId, text, time } from '../openapi/schema.js';
import type { PresentedRepository } from './present-repository.js';
import { RepositoriesController } from './repositories.controller.js';

const repository = members<PresentedRepository>({
  name: text,
  description: text,
  visibility: choice(visibilities),
  createdAt: time,
  updatedAt: time,
  pushedAt: orNull(time),
});
const example = {
  name: 'team/app',
  description: 'Edge router',
  visibility: 'private',
  createdAt: '2026-11-20T09:38:12.000Z',
  updatedAt: '2026-11-20T09:38:12.000Z',
  pushedAt: '2026-11-21T08:00:00.000Z',
};
const rights = members<PresentedRights>({
  subject: members<PresentedRights['subject']>({ type: choice(subjectTypes), name: text }),
  enabled: flag,
  actions: many(choice(actions)),
  grants: many(
    members<PresentedRights['grants'][number]>(
      { id: rowId, pattern: text, actions: many(choice(actions)), group: text },
      ['group'],
    ),
  ),
});
const ending = members<EndingRights>({
  subject: members<EndingRights['subject']>({ type: choice(subjectTypes), name: text }),
  enabled: flag,
  loses: many(choice(actions)),
  mayMakeAnew: flag,
});
const exampleEnding = {
  subject: { type: 'robot', name: 'team+ci' },
  enabled: true,
  loses: ['pull', 'push'],
  mayMakeAnew: false,
};
const exampleRights = {
  subject: { type: 'user', name: 'ann' },
  enabled: true,
  actions: ['pull', 'push'],
  grants: [{ id: 7, pattern: 'team/*', actions: ['push'], group: 'crew' }],
};
const one = { schema: ref('Repository'), example };

export const repositoriesResource = describeResource(
  RepositoriesController,
  'repositories',
  {
    list: {
      id: 'listRepositories',
      summary: 'List repositories',
      description: 'Those that you may pull, by name unless `sort` says otherwise.',
      counts: true,
      answer: { schema: listOf(ref('Repository')), example: { items: [example] } },
    },
    create: {
      id: 'createRepository',
      summary: 'Create a repository',
      description:
        'Who may push to the name may create it private, as a push would; only who manages it may open it to more.',
      body: { name: 'team/app', visibility: 'private', description: 'Edge router' },
      answer: one,
      errors: ['NAME_INVALID', 'REPOSITORY_EXISTS'],
    },
    show: {
      id: 'getRepository',
      summary: 'Show a repository',
      description: 'What it is called, who sees it and when it was pushed to.',
      answer: one,
    },
    update: {
      id: 'updateRepository',
      summary: 'Change a repository',
      description:
        'Description and visibility: `private` (grants only), `internal` (everybody signed in pulls), `public` (everybody pulls).',
      body: { visibility: 'internal' },
      answer: one,
      errors: ['REPOSITORY_EXISTS', 'NAME_UNKNOWN'],
      conditional: true,
    },
    remove: {
      id: 'deleteRepository',
      summary: 'Remove a repository',
      description:
        'With everything in it, and with the grants and access token scopes of exactly its name; the audit keeps them. Where the operator switched deleting off (`BERTH_DELETE_ENABLED`), refused.',
      errors: ['UNSUPPORTED'],
      conditional: true,
    },
    deletion: {
      id: 'previewDeletionOfRepository',
      summary: 'List what deleting it would end',
      description:
        'Everybody whom a grant on exactly this name gives something: what they lose with the repository, and whether they may make it anew by pushing.',
      answer: { schema: listOf(ref('EndingRights')), example: { items: [exampleEnding] } },
    },
    rights: {
      id: 'listPermissionsOfRepository',
      summary: 'List who may what here',
      description:
        'Everybody whom a grant gives something here, with what they may do and the grants it comes from, their groups’ included.',
      answer: { schema: listOf(ref('Rights')), example: { items: [exampleRights] } },
    },
  },
  {
    parameters: { name: { description: 'The name of a repository.', example: 'team/app' } },
    schemas: {
      Repository: { ...repository, examples: [example] },
      EndingRights: { ...ending, examples: [exampleEnding] },
      Rights: { ...rights, examples: [exampleRights] },
    },
  },
);
