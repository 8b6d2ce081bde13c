/** Every helper the views may call; any other name fails the build. Without imports, because the build reads this file alone. */
export const knownHelpers = [
  'asset',
  'bytes',
  'concat',
  'date',
  'each',
  'eq',
  'figure',
  'icon',
  'if',
  'lookup',
  'percent',
  'rich',
  't',
  'time',
  'unless',
] as const;
