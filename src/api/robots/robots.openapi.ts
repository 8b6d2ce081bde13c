import { describeResource } from '../openapi/resource.js';
import { extended, flag, listOf, many, members, orNull, ref, rowId, text, time } from '../openapi/schema.js';
import type { PresentedRobot, PresentedRobotSecret } from './present-robot.js';
import { RobotsController } from './robots.controller.js';

const secret = members<PresentedRobotSecret>({
  id: rowId,
  hint: text,
  createdAt: time,
  expiresAt: orNull(time),
  lastUsedAt: orNull(time),
  lastUsedAddress: orNull(text),
});
const robot = members<PresentedRobot>({
  name: text,
  namespace: text,
  description: text,
  enabled: flag,
  createdAt: time,
  updatedAt: time,
  expiresAt: orNull(time),
  entrusted: flag,
  secrets: many(secret),
});
const example = {
  name: 'team+ci',
  namespace: 'team',
  description: 'Builds',
  enabled: true,
  createdAt: '2026-11-20T09:38:12.000Z',
  updatedAt: '2026-11-20T09:38:12.000Z',
  expiresAt: null,
  entrusted: true,
  secrets: [
    {
      id: 4,
      hint: 'x3Qa',
      createdAt: '2026-11-20T09:38:12.000Z',
      expiresAt: null,
      lastUsedAt: '2026-11-21T10:00:00.000Z',
      lastUsedAddress: '192.0.2.7',
    },
  ],
};
const one = { schema: ref('Robot'), example };
const told = 'berth_rob_0123456789abcdefghijABCDEFGHIJ123456';

export const robotsResource = describeResource(
  RobotsController,
  'robots',
  {
    list: {
      id: 'listRobots',
      summary: 'List robots',
      description: 'By name. Who is no administrator names a `namespace` whose repositories they manage.',
      answer: { schema: listOf(ref('Robot')), example: { items: [example] } },
    },
    create: {
      id: 'createRobot',
      summary: 'Create a robot',
      description:
        'The name is `namespace+name`. The answer has the secret, this once. For administrators and managers of the namespace.',
      body: { namespace: 'team', name: 'ci', description: 'Builds', expiresAt: '2027-01-31T12:00:00Z' },
      answer: { schema: extended(robot, { secret: text }), example: { ...example, secret: told } },
      errors: ['CONFLICT'],
    },
    show: {
      id: 'getRobot',
      summary: 'Show a robot',
      description:
        'Of each secret its last characters and its last use. `entrusted`: you manage everything it was granted, and so may give it secrets, enable it and say when it ends.',
      answer: one,
    },
    update: {
      id: 'updateRobot',
      summary: 'Change a robot',
      description:
        'Disabling it ends what was issued to it at once; `expiresAt: null` takes the end away. To enable it or to change its end, manage everything it was granted.',
      body: { enabled: false },
      answer: one,
      conditional: true,
    },
    remove: {
      id: 'deleteRobot',
      summary: 'Remove a robot',
      description: 'Its secrets and grants go with it.',
      conditional: true,
    },
    addSecret: {
      id: 'addRobotSecret',
      summary: 'Give a robot a second secret',
      description:
        'So that the new one is in place everywhere before the old one goes. It is told this once; there are two at most. For those who manage everything the robot was granted.',
      body: { expiresAt: null },
      answer: {
        schema: members<{ id: number; secret: string }>({ id: rowId, secret: text }),
        example: { id: 5, secret: told },
      },
      errors: ['CONFLICT'],
      conditional: true,
    },
    removeSecret: {
      id: 'removeRobotSecret',
      summary: 'Remove a secret of a robot',
      description: 'It is refused from the next request on, and so is what was issued for it.',
      conditional: true,
    },
  },
  {
    parameters: { name: { description: 'The whole name of a robot.', example: 'team+ci' } },
    schemas: { Robot: { ...robot, examples: [example] } },
  },
);
