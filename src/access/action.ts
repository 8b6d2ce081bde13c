/** What can be done to a repository, weakest first. */
export const actions = ['pull', 'push', 'delete', 'manage'] as const;
export type Action = (typeof actions)[number];

export function isAction(text: string): text is Action {
  return (actions as readonly string[]).includes(text);
}

/** Whether being granted the one allows the other: push, delete and manage include pull, because nothing can be done blindly. */
export function includes(granted: Action, wanted: Action): boolean {
  return granted === wanted || wanted === 'pull';
}
