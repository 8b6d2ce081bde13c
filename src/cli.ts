#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { exits } from './cli/exit-codes.js';
import { runBerth } from './cli/program.js';
import { type CommandEnvironment, commandEnvironment } from './config/command-environment.js';
import { ConfigError } from './config/config-error.js';

for (const [signal, { code }] of [['SIGINT', exits.interrupted] as const, ['SIGTERM', exits.terminated] as const]) {
  process.once(signal, () => process.exit(code)); // what was written is safe, and the system frees the data directory
}
process.stdout.on('error', () => process.exit(0)); // `berth … | head` has read enough

const environment = environmentOrEnd();

process.exitCode = await runBerth(process.argv.slice(2), {
  environment,
  // The server's whole program: loaded only when no server runs.
  openLocal: async (input, needs) => (await import('./local-app.js')).openLocalApp(input, needs),
  write: (said) => void process.stdout.write(said),
  writeAll: (source) => pipeline(source, process.stdout, { end: false }),
  writeError: (said) => void process.stderr.write(said),
  terminal: process.stdin.isTTY === true && process.stderr.isTTY === true,
  colour: process.stdout.isTTY === true && !environment.noColor,
  ask: async (question) => {
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await terminal.question(question);
    } finally {
      terminal.close();
    }
  },
  readInput: () => text(process.stdin),
});

function environmentOrEnd(): CommandEnvironment {
  try {
    return commandEnvironment();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`berth: ${error.message}\n`);
    process.exit(exits.usage.code);
  }
}
