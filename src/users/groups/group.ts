import { isReservedName } from '../reserved-names.js';

/** People who are granted something together. */
export interface Group {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly memberCount: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** ASCII and lower case, so that two groups never look alike. */
const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The same in English. */
export const groupNameRule =
  'a group name is lower-case letters and digits, and behind the first . _ -, at most 64 characters, and no reserved word';

export function isGroupName(text: string): boolean {
  return namePattern.test(text) && !isReservedName(text);
}
