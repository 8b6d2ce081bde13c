/**
 * `npm test [-- jest arguments]`: sets up like `npm start`, then runs the suites from the quickest to the slowest.
 * The last line is `N passed, N failed`, with `, N skipped` behind it when a tool was missing; with CI=true what was
 * skipped counts as failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lackOfGo } from './go.mjs';
import { setUp } from './setup.mjs';
import { root } from './turn.mjs';

const side = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;
const suites = [
  { name: 'unit', options: [side] },
  { name: 'e2e', options: [side] },
  { name: 'alone', options: ['--runInBand'] }, // see jest.config.js
  { name: 'browser', options: ['--maxWorkers=2'] },
  { name: 'clients', options: ['--runInBand'] }, // docker and large images want the machine for themselves
];

/** Milliseconds after which a suite that hangs is stopped and counts as failed; a busy machine takes three times as long. */
const suiteTimeout = 45 * 60_000;

/** @returns the counts of one suite; a spec file that could not run at all is one failure */
function run({ name, options }, directory) {
  const report = join(directory, `${name}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--selectProjects', name, '--passWithNoTests', '--json', '--outputFile', report, ...options],
      ...process.argv.slice(2),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      timeout: suiteTimeout,
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`,
      },
    },
  );
  try {
    const results = JSON.parse(readFileSync(report, 'utf8'));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return {
      passed: results.numPassedTests,
      failed: status === 0 ? failed : Math.max(failed, 1),
      skipped: results.numPendingTests + results.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // jest itself broke or was stopped, and has said why
  }
}

await setUp();
const lack = lackOfGo();
if (lack) console.log(`Left out, as ${lack}: the client tests of crane, regctl, regsync, oras and helm.`);
const directory = mkdtempSync(join(tmpdir(), 'berth-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites) {
  const counts = run(suite, directory);
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
}
rmSync(directory, { recursive: true, force: true });

const choosing = process.argv.slice(2).some((argument) => /^(-t|--testNamePattern)/.test(argument));
if (process.env.CI === 'true' && !choosing) {
  if (total.skipped > 0) console.log(`CI=true: ${total.skipped} skipped tests count as failed.`);
  total.failed += total.skipped;
  total.skipped = 0;
}
if (total.passed + total.failed === 0) total.failed = 1; // nothing ran: that proves nothing
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;
