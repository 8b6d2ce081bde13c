/** Examples that several resources show. */
export const examplePlacedGrant = {
  id: 7,
  subject: { type: 'user', name: 'ann' },
  pattern: 'team/*',
  actions: ['pull', 'push'],
  createdAt: '2026-11-20T09:38:12.000Z',
};

export const exampleGroup = {
  name: 'crew',
  description: 'Night shift',
  memberCount: 3,
  createdAt: '2026-11-20T09:38:12.000Z',
  updatedAt: '2026-11-20T09:38:12.000Z',
};
