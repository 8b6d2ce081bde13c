import { type JobLine, jobLineLevels, jobStates } from '../../jobs/job.js';
import { namedSchema } from '../audit/audit.openapi.js';
import { describeResource } from '../openapi/resource.js';
import { choice, count, listOf, members, orNull, ref, rowId, text, time } from '../openapi/schema.js';
import { JobsController } from './jobs.controller.js';
import type { PresentedJob } from './present-job.js';

const job = members<PresentedJob>({
  id: rowId,
  kind: text,
  state: choice(jobStates),
  payload: { type: 'object' },
  attempt: count,
  progress: { type: 'object', additionalProperties: { type: 'number' } },
  lines: count,
  error: orNull(text),
  createdAt: time,
  runAt: time,
  startedAt: orNull(time),
  heartbeatAt: orNull(time),
  cancelRequestedAt: orNull(time),
  endedAt: orNull(time),
  startedBy: namedSchema,
});
const line = members<JobLine>({ number: count, at: time, level: choice(jobLineLevels), about: text, text });
const at = '2026-11-21T10:00:00.000Z';
const example = {
  id: 12,
  kind: 'blobs.scrub',
  state: 'running',
  payload: { first: 0, parts: 256 },
  attempt: 1,
  progress: { done: 41, total: 256 },
  lines: 1,
  error: null,
  createdAt: at,
  runAt: at,
  startedAt: at,
  heartbeatAt: at,
  cancelRequestedAt: null,
  endedAt: null,
  startedBy: { kind: 'user', name: 'ann' },
};
const lineExample = { number: 1, at, level: 'error', about: `sha256:${'0'.repeat(64)}`, text: 'damaged, set aside' };
const answer = { schema: ref('Job'), example };

export const jobsResource = describeResource(
  JobsController,
  'jobs',
  {
    list: {
      id: 'listJobs',
      summary: 'List jobs',
      description: 'The latest first. Those that ended stay for 30 days, at most 2,000 of them.',
      answer: { schema: listOf(ref('Job')), example: { items: [example] } },
    },
    run: {
      id: 'runJob',
      summary: 'Have a job run',
      description:
        'Of a kind that can be run by its name. Begins as soon as there is room for it (202); while one of the kind has not ended, nothing is added and that one is the answer (200).',
      body: { kind: 'blobs.scrub' },
      answer: { ...answer, example: { ...example, state: 'queued', startedAt: null, heartbeatAt: null } },
      also: 200,
    },
    show: { id: 'getJob', summary: 'Show a job', description: 'How far it is, or how it ended.', answer },
    lines: {
      id: 'listJobLines',
      summary: 'List what a job said',
      description: 'In order, at most 1,000 lines.',
      answer: { schema: listOf(ref('JobLine')), example: { items: [lineExample] } },
    },
    cancel: {
      id: 'cancelJob',
      summary: 'Cancel a job',
      description:
        'One that waits has ended by then; one that runs comes to rest within two seconds. Nothing changes when it has ended.',
      answer: { ...answer, example: { ...example, cancelRequestedAt: at } },
    },
    events: {
      id: 'followJob',
      summary: 'Follow a job',
      description:
        'Server-sent events until it has ended: `job` with how it is, `line` with what it says, whose id is its number. Begins behind `Last-Event-ID`, or `behind`.',
      errors: ['TOO_MANY_REQUESTS'],
      answer: {
        schema: text,
        example: `event: job\ndata: ${JSON.stringify(example)}\n\n`,
        mediaType: 'text/event-stream',
      },
    },
  },
  {
    parameters: {
      id: { description: 'The id of a job.', example: example.id },
      kind: { description: 'Only of this kind.', example: example.kind },
      state: { description: 'Only in this state.', example: example.state },
      behind: { description: 'The number of the last line that is known already.', example: '41' },
    },
    schemas: { Job: { ...job, examples: [example] }, JobLine: { ...line, examples: [lineExample] } },
  },
);
