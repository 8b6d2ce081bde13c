import { findTool } from '../../support/tools.js';
import { faults } from './table.js';

/** `npm run faults [-- F2 F4 …] [--short]`: one line for each fault, with its figures; exit 1 when a promise was broken. */
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const full = !process.argv.includes('--short');
const unknown = wanted.filter((id) => !faults.some((fault) => fault.id === id));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. Say which: ${faults.map(({ id }) => id).join(' ')}`);
  process.exit(1);
}

for (const { id, title, tools, run } of faults.filter((fault) => wanted.length === 0 || wanted.includes(fault.id))) {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  const started = performance.now();
  const line = (verdict: string, said: string) =>
    console.log(
      `${id.padEnd(4)} ${verdict.padEnd(7)} ${title}: ${said} (${Math.round((performance.now() - started) / 1000)} s)`,
    );
  if (missing.length > 0 || process.getuid?.() !== 0) {
    line('skipped', `needs root${missing.map((tool) => `, ${tool}`).join('')}`);
    continue;
  }
  try {
    line('held', await run(full));
  } catch (error) {
    line('BROKEN', error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
}
process.exit();
