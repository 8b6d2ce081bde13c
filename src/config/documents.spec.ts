import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExample, settingsTable } from './documents.js';
import { projectRoot } from './project-root.js';
import { allSettings, unavailable } from './settings.js';

const read = (file: string): string => readFileSync(join(projectRoot(), file), 'utf8');

// When these fail, run `npm run build && node scripts/write-tables.mjs`.
test('.env.example is what the table says', () => expect(read('.env.example')).toBe(envExample()));
test('docs/configuration.md holds the table', () => expect(read('docs/configuration.md')).toContain(settingsTable()));

test('a setting is either there or not available, and has one name and one key', () => {
  const rows = [...allSettings, ...unavailable];
  expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
});

test('every setting says what happens without it', () => {
  expect(allSettings.filter((row) => (row.default === undefined) === (row.unset === undefined))).toEqual([]);
});
