/** Every helper the views may call; any other name fails the build. The build reads them before the program runs. */
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

/** Those that answer an element, not text. */
export const elementHelpers = ['icon', 'time'] as const;
