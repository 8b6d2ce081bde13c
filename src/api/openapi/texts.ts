import { actions } from '../../access/action.js';
import type { ParameterText } from './resource.js';

export const introduction = `Everything the console can do. Names with slashes are one percent-encoded segment (\`team%2Fapp\`).
Lists take \`limit\` and \`cursor\` and answer \`{items, nextCursor?}\` with a \`Link\` to the next page. What you may not see is 404.
Members and parameters that a route does not know are refused. Failures are problem documents (RFC 9457) with a stable \`code\`.

The registry itself is \`/v2/\` (OCI distribution specification), its token realm \`/token\`, the keys of its tokens \`/.well-known/jwks.json\`.`;

export const tags = [
  { name: 'sign-in', description: 'Signing in and out, the own account and its sessions.' },
  { name: 'users', description: 'Accounts of people.' },
  { name: 'groups', description: 'People who are granted something together.' },
  { name: 'robots', description: 'Accounts of programs, below a namespace.' },
  { name: 'tokens', description: 'Personal access tokens: a program acts as its owner, or as less.' },
  { name: 'uploads', description: 'Pushes that are not finished.' },
  { name: 'repositories', description: 'Repositories: visibility, description, who may what.' },
  { name: 'tags', description: 'The tags of a repository.' },
  { name: 'images', description: 'Images by digest.' },
  { name: 'permissions', description: 'Grants, and why somebody may or may not do something.' },
  { name: 'statistics', description: 'How much there is and what goes on.' },
  { name: 'jobs', description: 'Work that takes longer than a request.' },
  { name: 'audit', description: 'Who did what, and when.' },
  { name: 'system', description: 'This installation.' },
];

/** Parameters that mean the same wherever they stand. */
export const commonParameters: Readonly<Record<string, ParameterText>> = {
  limit: { description: 'How many at most.', example: 50 },
  cursor: { description: 'The `nextCursor` of the page before.', example: 'YXBw' },
  q: { description: 'A text to look for, in any case.', example: 'app' },
  sort: { description: 'The order.', example: 'name' },
  username: { description: 'The name of a user.', example: 'ann' },
  id: { description: 'The number of it.', example: '7' },
  tag: { description: 'A tag.', example: '1.28.3' },
  digest: {
    description: 'The digest of a manifest.',
    example: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  },
  user: { description: 'The name of a user.', example: 'ann' },
  group: { description: 'The name of a group.', example: 'crew' },
  robot: { description: 'The whole name of a robot.', example: 'team+ci' },
  repository: { description: 'The name of a repository.', example: 'team/app' },
  namespace: { description: 'What the names of repositories begin with.', example: 'team' },
  pattern: { description: '`team/app`, `team/*` (everything below) or `*`.', example: 'team/*' },
  action: { description: `One of ${actions.join(', ')}.`, example: 'push' },
  'If-Match': {
    description: 'The ETag of the state to be changed; another state answers 412 (RFC 9110 §13.1.1).',
    example: '"0fT3kqkZ0m5wPzQ1yB7c2A"',
  },
};
