/**
 * Writes the tables of the program where else they stand: settings into .env.example and docs/configuration.md, audited actions into
 * docs/audit.md, commands into docs/cli.md, and what rooms may import into biome.json. Build first.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './turn.mjs';

const { envExample, settingsTable } = await import('../dist/src/config/documents.js');
const { actionsTable } = await import('../dist/src/audit/documents.js');
const { berthProgram } = await import('../dist/src/cli/program.js');
const { commandReference } = await import('../dist/src/cli/reference.js');
const { biomeOverrides } = await import('../dist/test/support/rooms.js');

function replaceTable(page, head, table) {
  const file = join(root, 'docs', page);
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(new RegExp(`^\\| ${head} [\\s\\S]*?\\n(?!\\|)`, 'm'), () => `${table}\n`),
  );
}

writeFileSync(join(root, '.env.example'), envExample());
replaceTable('configuration.md', 'Variable', settingsTable());
replaceTable('audit.md', 'Action', actionsTable());

const commands = join(root, 'docs', 'cli.md');
const [introduction] = readFileSync(commands, 'utf8').split('## Options of every command');
writeFileSync(commands, `${introduction}${commandReference(berthProgram({}))}\n`);

const biome = join(root, 'biome.json');
writeFileSync(
  biome,
  JSON.stringify({ ...JSON.parse(readFileSync(biome, 'utf8')), overrides: biomeOverrides() }, null, 2),
);
execFileSync(join(root, 'node_modules', '.bin', 'biome'), ['format', '--write', biome], { cwd: root });
