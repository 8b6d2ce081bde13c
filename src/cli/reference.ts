import type { Command, Option } from 'commander';
import { exits } from './exit-codes.js';

/** The part of docs/cli.md that follows from the command tree: every command, and the exit codes. */
export function commandReference(program: Command): string {
  const codes = Object.values(exits).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return [
    '## Options of every command',
    options(program.options),
    '## Commands',
    ...program.commands.flatMap((command) => sections(command, program.name())),
    '## Exit codes',
    ['| Code | Meaning |', '|---|---|', ...codes].join('\n'),
  ].join('\n\n');
}

function sections(command: Command, parent: string): string[] {
  const path = `${parent} ${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((child) => sections(child, path));
  const names = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const own = command.options.length > 0 ? [options(command.options)] : [];
  return [`### \`${[path, ...names].join(' ')}\``, `${sentence(command.description())}`, ...own];
}

function options(all: readonly Option[]): string {
  return all.map((option) => `- \`${option.flags}\`: ${option.description}${limits(option)}`).join('\n');
}

function limits({ argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? '' : `; one of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
  return `${choices}${defaultValue === undefined ? '' : `; \`${String(defaultValue)}\` when left out`}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
