import { Command } from 'commander';
import type { CommandEnvironment } from '../config/command-environment.js';
import { withoutEnds } from '../config/sources.js';
import type { Client, PlannedChange, Row } from './client.js';
import { type DirectoryNeeds, type OpenLocal, openConnection, type Target } from './connection.js';
import { CommandFailure } from './exit-codes.js';
import { type Column, type Format, Output } from './output.js';
import { plainLines } from './text-width.js';

/** What a command has of the world outside. */
export interface Runtime {
  readonly environment: CommandEnvironment;
  readonly openLocal: OpenLocal;
  readonly write: (text: string) => void;
  /** Writes a stream as fast as it is read, to its end. */
  readonly writeAll: (source: AsyncIterable<Uint8Array>) => Promise<void>;
  readonly writeError: (text: string) => void;
  /** Whether a person sits at both ends, and can be asked. */
  readonly terminal: boolean;
  readonly colour: boolean;
  /** Asks on the terminal. */
  readonly ask: (question: string) => Promise<string>;
  /** Standard input to its end. */
  readonly readInput: () => Promise<string>;
}

/** The options every command takes. */
export interface GlobalOptions extends Target {
  readonly output: Format;
  readonly quiet?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** What a command works with. */
export interface Session {
  readonly client: Client;
  readonly output: Output;
  readonly quiet: boolean;
  /** Lets what cannot be undone go on with --yes or when the person says so, who then reads `consequences` behind what is done. */
  readonly confirm: (what: string, consequences?: () => Promise<string>) => Promise<void>;
  /** Does it for every name; what fails is told, and the rest goes on. Exit "partial" when some failed. */
  readonly each: (names: readonly string[], work: (name: string) => Promise<void>) => Promise<void>;
  readonly readInput: () => Promise<string>;
}

/** The action of a command that talks to a server. `Args` and `Options` are what its declaration makes of the command line. */
export function act<Args extends readonly unknown[], Options extends object = object>(
  runtime: Runtime,
  work: (session: Session, args: Args, options: Options) => Promise<void>,
  needs: DirectoryNeeds = {},
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = commandOf(given);
    const options = command.optsWithGlobals<GlobalOptions & Options>();
    const connection = await openConnection(options, runtime.environment, runtime.openLocal, needs);
    const output = outputOf(runtime, options);
    const planned: PlannedChange[] = [];
    const session: Session = {
      quiet: options.quiet === true,
      client: options.dryRun ? connection.client.planning((change) => planned.push(change)) : connection.client,
      // What comes behind a change that was not made would be told of it.
      output: options.dryRun ? output.until(() => planned.length > 0) : output,
      confirm: (what, consequences) => confirm(runtime, options, what, consequences),
      each: (names, one) => each(runtime, names, one),
      readInput: runtime.readInput,
    };
    try {
      // Commander checked the arguments against the declaration, which its types do not carry.
      await work(session, command.processedArgs as unknown as Args, options);
    } finally {
      if (planned.length > 0) await output.list(planned.map(presentPlanned), plannedColumns, 'path');
      await connection.close();
    }
  };
}

const plannedColumns: readonly Column[] = [
  ['would', 'method'],
  ['at', 'path'],
  ['with', 'body'],
];

function presentPlanned({ method, path, body }: PlannedChange): Row {
  const shown = Object.entries(body ?? {}).filter(([, value]) => value !== undefined);
  const masked = shown.map(([name, value]) => [name, name === 'password' ? '***' : value]);
  return { method, path, body: masked.length === 0 ? null : Object.fromEntries(masked) };
}

/** Commander calls an action with the command itself at the end. */
export function commandOf(given: readonly unknown[]): Command {
  const command = given.at(-1);
  if (command instanceof Command) return command;
  throw new Error('an action was called without its command');
}

export function outputOf({ write, colour }: Runtime, { output, quiet = false }: GlobalOptions): Output {
  return new Output({ format: output, quiet, colour, write });
}

async function confirm(
  runtime: Runtime,
  { yes, dryRun }: GlobalOptions,
  what: string,
  consequences?: () => Promise<string>,
): Promise<void> {
  if (yes || dryRun) return;
  if (!runtime.terminal) throw new CommandFailure('usage', `${what} needs --yes where nobody can be asked`);
  const answer = await runtime.ask(`${plainLines(`${what}${(await consequences?.()) ?? ''}`)}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure('failure', 'nothing was changed');
}

async function each(
  { writeError }: Runtime,
  names: readonly string[],
  work: (name: string) => Promise<void>,
): Promise<void> {
  const failures: CommandFailure[] = [];
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      if (!(error instanceof CommandFailure) || names.length === 1) throw error;
      failures.push(error);
      writeError(plainLines(`berth: ${name}: ${error.message}\n`));
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const exit = failures.length < names.length ? 'partial' : first.exit;
  throw new CommandFailure(exit, `${failures.length} of ${names.length} failed`);
}

/** The one line of standard input that is a password, without its end. */
export async function passwordFrom(session: Session): Promise<string> {
  const password = withoutEnds(await session.readInput());
  if (password === '') throw new CommandFailure('usage', 'standard input holds no password');
  return password;
}

/** Text for the end of `--help`. */
export function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, does]) => `  $ ${command.padEnd(width)}  # ${does}`).join('\n')}\n`;
}

/** Reads a whole number above zero for commander. */
export function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandFailure('usage', `${text} is not a whole number above zero`);
}
