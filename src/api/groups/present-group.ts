import type { Group } from '../../users/groups/group.js';

export type PresentedGroup = Pick<Group, 'name' | 'description' | 'memberCount' | 'createdAt' | 'updatedAt'>;

export function presentGroup({ name, description, memberCount, createdAt, updatedAt }: Group): PresentedGroup {
  return { name, description, memberCount, createdAt, updatedAt };
}
