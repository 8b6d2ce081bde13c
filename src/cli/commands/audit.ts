import type { Command } from 'commander';
import { isRow } from '../client.js';
import { type Column, time } from '../output.js';
import { act, count, examples, type Runtime } from '../runtime.js';

const named = (field: string) => (row: Readonly<Record<string, unknown>>) => {
  const value = row[field];
  if (!isRow(value)) return '';
  return value.name === undefined ? value.kind : `${value.kind}:${value.name}`;
};

const columns: readonly Column[] = [
  ['at', time('at')],
  ['action', 'action'],
  ['result', 'result'],
  ['actor', named('actor')],
  ['resource', named('resource')],
  ['reference', 'reference'],
  ['address', 'address'],
  ['count', 'count'],
];

interface Filter extends Readonly<Record<string, unknown>> {
  readonly action?: string;
  readonly actor?: string;
  readonly resource?: string;
  readonly result?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

export function addAuditCommand(program: Command, runtime: Runtime): void {
  program
    .command('audit')
    .description('list who did what, the latest first')
    .option('--action <action>', 'only this one, as push or user.create')
    .option('--actor <actor>', 'only by user:NAME, robot:NAME, anonymous, system or local')
    .option('--resource <resource>', 'only what was done to it, as repository:team/app')
    .option('--result <result>', 'only what ended so')
    .option('--from <time>', 'not before, as 2030-01-31T00:00:00Z')
    .option('--to <time>', 'before')
    .option('--limit <number>', 'at most so many', count, 50)
    .addHelpText(
      'after',
      examples(['berth audit --actor user:ann --action push --output json', 'what ann pushed, for a program']),
    )
    .action(
      act<[], Filter>(
        runtime,
        async ({ client, output }, _args, { action, actor, resource, result, from, to, limit }) =>
          output.list(client.list('/audit', { action, actor, resource, result, from, to }, limit), columns, 'id'),
      ),
    );
}
