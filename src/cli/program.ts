import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { programVersion } from '../config/project-root.js';
import { addAdministrationCommands } from './commands/administration.js';
import { addAuditCommand } from './commands/audit.js';
import { addCompletionCommand } from './commands/completion.js';
import { addConfigCommand } from './commands/config.js';
import { addFsckCommand } from './commands/fsck.js';
import { addGrantCommands } from './commands/grants.js';
import { addGroupCommands } from './commands/groups.js';
import { addJobCommands } from './commands/jobs.js';
import { addLayoutCommands } from './commands/layout.js';
import { addRepositoryCommands, addTagCommands } from './commands/repositories.js';
import { addRobotCommands, addTokenCommands } from './commands/robots.js';
import { addSessionCommands } from './commands/sessions.js';
import { addStatisticsCommands } from './commands/statistics.js';
import { addUploadCommands } from './commands/uploads.js';
import { addUserCommands } from './commands/users.js';
import { CommandFailure, exits } from './exit-codes.js';
import { formats } from './output.js';
import { examples, type Runtime } from './runtime.js';
import { plainLines } from './text-width.js';

/** What stands behind a misspelt `--token=` is the token. */
const optionValue = /^(berth: unknown option '[^'=]*=).*'/s;

/** The command tree: what parses, completes and documents the command line. */
export function berthProgram(runtime: Runtime): Command {
  const program = new Command('berth')
    .description('Administers a Berth registry: the one that runs here, its data directory, or one by URL.')
    .version(programVersion(), '--version', 'print the version')
    .helpOption('--help', 'print help')
    .helpCommand(false)
    .addOption(new Option('--output <format>', 'how to print').choices(formats).default('table'))
    .option('--quiet', 'print only names, or only the secret that was made')
    .option('--yes', 'do not ask before what cannot be undone')
    .option('--dry-run', 'say what would be changed, and change nothing')
    .option('--data-dir <directory>', 'data directory; else as the server has it in its settings')
    .option('--config <file>', 'YAML file with the settings of the server')
    .option('--url <url>', 'a server elsewhere; else BERTH_URL')
    .option('--token <token>', 'access token for it; better BERTH_TOKEN, which no process list shows')
    .option('--username <name>', 'sign in to it for this command, with the password in BERTH_PASSWORD')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: runtime.write,
      writeErr: runtime.writeError,
      outputError: (text, write) => write(plainLines(text.replace(/^error: /, 'berth: ').replace(optionValue, "$1…'"))),
    })
    .addHelpText(
      'after',
      examples(
        ['berth user list', 'on the server that runs here, or on its data directory'],
        ['BERTH_TOKEN=… berth --url https://registry.example.com repo list', 'on a server elsewhere'],
      ),
    )
    .addHelpText('after', `\nExit codes: ${exitTable()}`);
  addUserCommands(program, runtime);
  addGroupCommands(program, runtime);
  addRobotCommands(program, runtime);
  addTokenCommands(program, runtime);
  addSessionCommands(program, runtime);
  addUploadCommands(program, runtime);
  addRepositoryCommands(program, runtime);
  addTagCommands(program, runtime);
  addGrantCommands(program, runtime);
  addStatisticsCommands(program, runtime);
  addAuditCommand(program, runtime);
  addAdministrationCommands(program, runtime);
  addConfigCommand(program, runtime);
  addFsckCommand(program, runtime);
  addJobCommands(program, runtime);
  addLayoutCommands(program, runtime);
  addCompletionCommand(program, runtime);
  for (const command of descendants(program)) command.helpOption('--help', 'print help').helpCommand(false);
  return program;
}

/** Runs one command line. @returns the exit code */
export async function runBerth(argv: readonly string[], runtime: Runtime): Promise<number> {
  try {
    await berthProgram(runtime).parseAsync(argv, { from: 'user' });
    return exits.ok.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.ok.code : exits.usage.code;
    const expected = error instanceof CommandFailure || error instanceof ConfigError;
    runtime.writeError(
      `berth: ${plainLines(String(expected || !(error instanceof Error) ? textOf(error) : error.stack))}\n`,
    );
    return error instanceof CommandFailure ? exits[error.exit].code : expected ? exits.usage.code : exits.failure.code;
  }
}

/** Every command below this one. */
export function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

function exitTable(): string {
  return Object.values(exits)
    .map(({ code, meaning }) => `${code} ${meaning}`)
    .join('; ');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
