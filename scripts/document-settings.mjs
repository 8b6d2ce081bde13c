/** Writes the settings, as src/config/settings.ts describes them, into .env.example and docs/configuration.md. Build first. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';

const { envExample, settingsTable } = await import('../dist/src/config/documents.js');
writeFileSync(join(root, '.env.example'), envExample());
const page = join(root, 'docs', 'configuration.md');
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(/^\| Variable [\s\S]*?\n(?!\|)/m, () => `${settingsTable()}\n`),
);
