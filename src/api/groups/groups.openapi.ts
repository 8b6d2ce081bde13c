import { exampleGroup } from '../openapi/examples.js';
import { describeResource } from '../openapi/resource.js';
import { count, listOf, members, ref, text, time } from '../openapi/schema.js';
import { exampleUser } from '../users/users.openapi.js';
import { GroupsController } from './groups.controller.js';
import type { PresentedGroup } from './present-group.js';

const group = members<PresentedGroup>({
  name: text,
  description: text,
  memberCount: count,
  createdAt: time,
  updatedAt: time,
});
const one = { schema: ref('Group'), example: exampleGroup };

export const groupsResource = describeResource(
  GroupsController,
  'groups',
  {
    list: {
      id: 'listGroups',
      summary: 'List groups',
      description: 'By name; `q` is searched in names and descriptions.',
      answer: { schema: listOf(ref('Group')), example: { items: [exampleGroup] } },
    },
    create: {
      id: 'createGroup',
      summary: 'Create a group',
      description: 'A group has nobody in it at first.',
      body: { name: 'crew', description: 'Night shift' },
      answer: one,
      errors: ['CONFLICT'],
    },
    show: {
      id: 'getGroup',
      summary: 'Show a group',
      description: 'Its members have a list of their own.',
      answer: one,
    },
    update: {
      id: 'updateGroup',
      summary: 'Change a group',
      description: 'Its description; a group keeps its name.',
      body: { description: 'Night shift' },
      answer: one,
      conditional: true,
    },
    remove: {
      id: 'deleteGroup',
      summary: 'Remove a group',
      description: 'Its grants go with it, its members stay.',
      conditional: true,
    },
    members: {
      id: 'listGroupMembers',
      summary: 'List the members of a group',
      description: 'By user name.',
      answer: { schema: listOf(ref('User')), example: { items: [exampleUser] } },
    },
    addMember: {
      id: 'addGroupMember',
      summary: 'Add somebody to a group',
      description: 'Nothing changes for one who is a member already.',
    },
    removeMember: {
      id: 'removeGroupMember',
      summary: 'Take somebody out of a group',
      description: 'What the group was granted is over for them with the next request.',
    },
  },
  {
    parameters: { name: { description: 'The name of a group.', example: 'crew' } },
    schemas: { Group: { ...group, examples: [exampleGroup] } },
  },
);
