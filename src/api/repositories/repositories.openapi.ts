import { visibilities } from '../../access/visibility.js';
import { examplePlacedGrant } from '../openapi/examples.js';
import { describeResource } from '../openapi/resource.js';
import { choice, listOf, members, orNull, ref, text, time } from '../openapi/schema.js';
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
const one = { schema: ref('Repository'), example };

export const repositoriesResource = describeResource(
  RepositoriesController,
  'repositories',
  {
    list: {
      id: 'listRepositories',
      summary: 'List repositories',
      description: 'Those that you may pull, by name.',
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
      conditional: true,
    },
    remove: {
      id: 'deleteRepository',
      summary: 'Remove a repository',
      description: 'With everything in it.',
      conditional: true,
    },
    grants: {
      id: 'listPermissionsOfRepository',
      summary: 'List the grants of a repository',
      description: 'Those that have an effect here, each with the pattern it comes from.',
      answer: { schema: listOf(ref('Grant')), example: { items: [examplePlacedGrant] } },
    },
  },
  {
    parameters: { name: { description: 'The name of a repository.', example: 'team/app' } },
    schemas: { Repository: { ...repository, examples: [example] } },
  },
);
