import { type LayoutTask, layoutTaskKinds, layoutTaskStates } from '../../layout/layout-tasks.js';
import type { MirrorProblem } from '../../layout/mirror.js';
import { describeResource } from '../openapi/resource.js';
import { choice, count, many, members, orNull, ref, text, time } from '../openapi/schema.js';
import { LayoutController, type LayoutStatus } from './layout.controller.js';

const task = members<LayoutTask>({
  kind: choice(layoutTaskKinds),
  state: choice(layoutTaskStates),
  startedAt: time,
  endedAt: orNull(time),
  repositories: count,
  manifests: count,
  tags: count,
  links: count,
  skipped: count,
  problems: many(members<MirrorProblem>({ path: text, reason: text })),
  error: orNull(text),
});
const example = {
  kind: 'reindex',
  state: 'done',
  startedAt: '2026-11-21T10:00:00.000Z',
  endedAt: '2026-11-21T10:00:04.000Z',
  repositories: 12,
  manifests: 340,
  tags: 280,
  links: 1200,
  skipped: 1,
  problems: [
    {
      path: 'docker/registry/v2/repositories/team/app/_manifests/tags/old/current/link',
      reason: 'it does not hold a digest',
    },
  ],
  error: null,
};
const status = members<LayoutStatus>({ task: { anyOf: [ref('LayoutTask'), { type: 'null' }] } });
const answer = { schema: status, example: { task: example } };

export const layoutResource = describeResource(
  LayoutController,
  'system',
  {
    show: {
      id: 'getLayoutTask',
      summary: 'Show how far the walk over the layout is',
      description: 'The one that runs, else the last one since the start of the program.',
      answer,
    },
    sync: {
      id: 'syncLayout',
      summary: 'Write all images into the layout on the disk',
      description:
        'As CNCF Distribution keeps them, so that it can serve the data directory. Goes on after the answer (202); while one runs, nothing begins and that one is told (200).',
      answer: { ...answer, example: { task: { ...example, kind: 'sync' } } },
      also: 200,
    },
    reindex: {
      id: 'reindexLayout',
      summary: 'Take all images of the layout on the disk into the index',
      description:
        'Those of CNCF Distribution, or after the loss of the database one’s own. What the index has stays as it is. Goes on after the answer (202); while one runs, nothing begins and that one is told (200).',
      answer,
      also: 200,
    },
  },
  { schemas: { LayoutTask: { ...task, examples: [example] } } },
);
