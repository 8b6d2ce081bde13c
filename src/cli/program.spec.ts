import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../config/project-root.js';
import { completionScript, shells } from './completion.js';
import { CommandFailure } from './exit-codes.js';
import { berthProgram, descendants, runBerth } from './program.js';
import { commandReference } from './reference.js';
import type { Runtime } from './runtime.js';

function observed(): Runtime & { said: string; complained: string } {
  return {
    said: '',
    complained: '',
    environment: { settings: {}, url: undefined, token: undefined, password: undefined, noColor: true },
    openLocal: () => Promise.reject(new CommandFailure('failure', 'no server in this test')),
    terminal: false,
    colour: false,
    ask: () => Promise.reject(new Error('nobody is there')),
    readInput: () => Promise.resolve(''),
    writeAll: () => Promise.reject(new Error('nothing is streamed here')),
    write(text) {
      this.said += text;
    },
    writeError(text) {
      this.complained += text;
    },
  };
}

/** The runtime with its functions bound, as the program uses them. */
function runtime(): ReturnType<typeof observed> {
  const world = observed();
  return Object.assign(world, { write: world.write.bind(world), writeError: world.writeError.bind(world) });
}

const program = berthProgram(runtime());
const document = readFileSync(join(projectRoot(), 'docs', 'cli.md'), 'utf8');

test('docs/cli.md ends with the reference of this very tree', () => {
  expect(document.slice(document.indexOf('## Options of every command'))).toBe(`${commandReference(program)}\n`);
});

test('every command says what it does', () => {
  expect(descendants(program).filter((command) => command.description() === '')).toEqual([]);
});

test.each(shells)('%s completes every command', (shell) => {
  const script = completionScript(program, shell);
  for (const command of descendants(program)) expect(script).toContain(command.name());
});

test.each([
  [['--help'], 0],
  [['user', 'create', '--help'], 0],
  [['--version'], 0],
  [[], 2],
  [['usr', 'list'], 2],
  [['user', 'create'], 2],
  [['user', 'create', 'ann', '--role', 'root'], 2],
  [['user', 'list', '--limit', '0'], 2],
  [['completion', 'tcsh'], 2],
  [['completion', 'bash'], 0],
])('%j ends with %d', async (argv, code) => {
  const world = runtime();
  expect(await runBerth(argv, world)).toBe(code);
  expect([world.said !== '', world.complained !== '']).toEqual([code === 0, code !== 0]);
});

test('help shows examples and the exit codes', () => {
  const world = runtime();
  return runBerth(['--help'], world).then(() => expect(world.said).toMatch(/Examples:.*Exit codes: 0 done; 1 /s));
});

test.each([
  [['usr', 'list'], "berth: unknown command 'usr'\n(Did you mean user?)\n"],
  [['user', 'create'], "berth: missing required argument 'username'\n"],
  [['user', 'list', '--limit'], "berth: option '--limit <number>' argument missing\n"],
])('%j is told as every other failure', async (argv, complaint) => {
  const world = runtime();
  await runBerth(argv, world);
  expect(world.complained).toBe(complaint);
});

test('what stands behind a misspelt option is not told', async () => {
  const world = runtime();
  expect(await runBerth(['user', 'list', '--tokn=Hunter2'], world)).toBe(2);
  expect(world.complained).toMatch(/^berth: unknown option '--tokn=…'/);
});
