/** Whom a grant can be given to. */
export const subjectTypes = ['user', 'group', 'robot'] as const;
export type SubjectType = (typeof subjectTypes)[number];

export interface Subject {
  readonly type: SubjectType;
  /** Username, name of the group, or whole name of the robot (`namespace+name`). */
  readonly name: string;
}
