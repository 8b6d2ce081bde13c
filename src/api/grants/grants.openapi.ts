import { actions } from '../../access/action.js';
import type { Missing, Reason } from '../../access/policy.js';
import { roles } from '../../access/principal.js';
import { subjectTypes } from '../../access/subject.js';
import { examplePlacedGrant as example } from '../openapi/examples.js';
import { describeResource } from '../openapi/resource.js';
import {
  choice,
  choiceOf,
  count,
  extended,
  flag,
  listOf,
  many,
  members,
  ref,
  rowId,
  type Schema,
  text,
  time,
} from '../openapi/schema.js';
import { GrantsController } from './grants.controller.js';
import { OwnPermissionsController } from './own-permissions.controller.js';
import type { PresentedGrant } from './present-grant.js';

const grant = members<PresentedGrant>({
  id: rowId,
  subject: members<PresentedGrant['subject']>({ type: choice(subjectTypes), name: text }),
  pattern: text,
  actions: many(choice(actions)),
  createdAt: time,
});
const decision: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    allowed: flag,
    reasons: many({
      type: 'object',
      properties: {
        rule: choiceOf<Reason['rule']>({ admin: true, visibility: true, grant: true }),
        grant: rowId,
        pattern: text,
        action: choice(actions),
      },
      required: ['rule'],
    }),
    missing: {
      type: 'object',
      properties: {
        need: choiceOf<Missing['need']>({ 'sign-in': true, grant: true, 'token-scope': true }),
        action: choice(actions),
        patterns: many(text),
      },
      required: ['need'],
    },
  },
  required: ['allowed', 'reasons'],
};
const explanation: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    user: text,
    group: text,
    robot: text,
    repository: text,
    actions: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(actions.map((action) => [action, decision])),
    },
  },
  required: ['repository', 'actions'],
};
const exampleExplanation = {
  user: 'ann',
  repository: 'team/app',
  actions: {
    push: { allowed: true, reasons: [{ rule: 'grant', grant: 7, pattern: 'team/*', action: 'push' }] },
    delete: {
      allowed: false,
      reasons: [],
      missing: { need: 'grant', action: 'delete', patterns: ['team/app', 'team/*', '*'] },
    },
  },
};
const one = { schema: ref('Grant'), example };
const list = { schema: listOf(ref('Grant')), example: { items: [example] } };
const body = { subject: { type: 'user', name: 'ann' }, pattern: 'team/*', actions: ['pull', 'push'] };

export const grantsResource = describeResource(
  GrantsController,
  'permissions',
  {
    list: {
      id: 'listGrants',
      summary: 'List grants',
      description:
        'All of them for an administrator; for others those with an effect on a `repository` that they manage.',
      answer: list,
      errors: ['NAME_INVALID', 'NOT_FOUND'],
    },
    preview: {
      id: 'previewPattern',
      summary: 'Count what a pattern covers',
      description: 'How many repositories it covers today, and the first of their names.',
      answer: {
        schema: members<Record<'pattern' | 'repositories' | 'names', unknown>>({
          pattern: text,
          repositories: count,
          names: many(text),
        }),
        example: { pattern: 'team/*', repositories: 2, names: ['team/api', 'team/app'] },
      },
    },
    explain: {
      id: 'explainPermission',
      summary: 'Explain what somebody may do',
      description:
        'Which rules allow it, or what is missing. About others, ask what you manage; unless you are an administrator, somebody unknown is like somebody without rights. Left out, it is about you.',
      answer: { schema: explanation, example: exampleExplanation },
      errors: ['NAME_INVALID', 'NOT_FOUND'],
    },
    show: {
      id: 'getGrant',
      summary: 'Show a grant',
      description: 'Outside of what you manage none exists.',
      answer: one,
    },
    create: {
      id: 'createGrant',
      summary: 'Grant something',
      description: 'A conflict when the subject has a grant on that pattern already.',
      body,
      answer: one,
      errors: ['NOT_FOUND', 'CONFLICT', 'TOO_MANY_REQUESTS'],
    },
    replace: {
      id: 'putGrant',
      summary: 'Grant exactly this',
      description: 'The grant of this subject on this pattern, made (201) or changed (200). May be repeated.',
      body,
      answer: one,
      also: 201,
      errors: ['NOT_FOUND', 'CONFLICT', 'TOO_MANY_REQUESTS'],
      conditional: true,
    },
    update: {
      id: 'updateGrant',
      summary: 'Change a grant',
      description: 'Its actions; in force with the next request.',
      body: { actions: ['pull'] },
      answer: one,
      conditional: true,
    },
    remove: {
      id: 'deleteGrant',
      summary: 'Revoke a grant',
      description: 'Over with the next request.',
      conditional: true,
    },
  },
  { schemas: { Grant: { ...grant, examples: [example] } } },
);

export const ownPermissionsResource = describeResource(OwnPermissionsController, 'sign-in', {
  list: {
    id: 'listOwnPermissions',
    summary: 'List what I may do',
    description: 'My role, my grants and those of my groups. An administrator needs none.',
    answer: {
      schema: extended(listOf(ref('Grant')), { role: choice(roles) }),
      example: { role: 'user', items: [example] },
    },
  },
});
