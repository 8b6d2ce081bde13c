import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../config/project-root.js';
import { actionsTable } from './documents.js';

// When this fails, run `npm run build && node scripts/write-tables.mjs`.
test('docs/audit.md holds the table of actions', () => {
  expect(readFileSync(join(projectRoot(), 'docs', 'audit.md'), 'utf8')).toContain(actionsTable());
});
