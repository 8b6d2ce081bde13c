import type { Command } from 'commander';
import { loadConfig } from '../../config/load.js';
import { isRow, type Row } from '../client.js';
import { openRunning, settingsInput } from '../connection.js';
import { CommandFailure } from '../exit-codes.js';
import { type Column, time } from '../output.js';
import { commandOf, examples, type GlobalOptions, outputOf, type Runtime } from '../runtime.js';
import { plainLines } from '../text-width.js';

const columns: readonly Column[] = [
  ['name', 'name'],
  ['value', 'value'],
  ['source', 'source'],
];
const columnsBeside: readonly Column[] = [
  ...columns,
  ['started here', ({ startedHere }) => (startedHere === null ? '(not set)' : startedHere)],
];

/** Settings, and in one sentence whose they are. */
interface Shown {
  readonly rows: readonly Row[];
  readonly whose: string;
}

export function addConfigCommand(program: Command, runtime: Runtime): void {
  program
    .command('config')
    .description('settings of the server')
    .command('print')
    .description(
      'print every setting and where it stands: of the server that runs, else as one started here would have it; secrets are masked',
    )
    .addHelpText(
      'after',
      examples(
        ['berth config print', 'what the server that runs here works with'],
        ['berth config print --config berth.yaml --output yaml', 'with a file of settings, before the start'],
      ),
    )
    .action(async (...given: unknown[]) => {
      const options = commandOf(given).optsWithGlobals<GlobalOptions>();
      const { rows, whose } = (await running(options, runtime)) ?? (await startedHere(options, runtime));
      if (!options.quiet) runtime.writeError(plainLines(`berth: ${whose}\n`));
      const differ = rows.some((row) => row.startedHere !== undefined);
      await outputOf(runtime, options).list(rows, differ ? columnsBeside : columns, 'name');
    });
}

async function running(options: GlobalOptions, { environment }: Runtime): Promise<Shown | undefined> {
  const server = await openRunning(options, environment);
  if (server === undefined) return undefined;
  try {
    const answer = await server.client.get('/system/settings');
    if (!Array.isArray(answer.items)) throw new CommandFailure('failure', 'the answer is not one of Berth');
    const whose = `settings of the server that runs ${server.where} since ${time('startedAt')(answer)}`;
    const rows = answer.items.filter(isRow);
    return { whose, rows: server.client.hasAccount ? rows : await besideHere(rows, options, environment) };
  } finally {
    await server.close();
  }
}

/** Each with what a server started here would have instead, where that is something else: files and the environment may have changed. */
async function besideHere(
  rows: readonly Row[],
  options: GlobalOptions,
  environment: Runtime['environment'],
): Promise<Row[]> {
  const { settings } = await loadConfig(settingsInput(options, environment));
  const here = new Map<unknown, string | null>(settings.map(({ name, value }) => [name, value]));
  here.delete('BERTH_DATA_DIR'); // the same directory, however it is written: the server was found there
  return rows.map((row) => {
    const value = here.get(row.name);
    return value === undefined || value === row.value ? row : { ...row, startedHere: value };
  });
}

async function startedHere(options: GlobalOptions, { environment }: Runtime): Promise<Shown> {
  const { config, settings } = await loadConfig(settingsInput(options, environment));
  return {
    rows: settings.map(({ name, value, source }) => ({ name, value, source })),
    whose: `no server runs on ${config.dataDir}: settings that one started here would have`,
  };
}
