import { type Command, Option } from 'commander';
import { isRow } from '../client.js';
import { type Column, named, time } from '../output.js';
import { act, count, examples, type Runtime } from '../runtime.js';

const columns: readonly Column[] = [
  ['at', time('at')],
  ['action', 'action'],
  ['result', 'result'],
  ['actor', named('actor')],
  ['resource', (row) => (isRow(row.resource) && row.resource.kind === '*' ? 'and others' : named('resource')(row))],
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
  readonly export?: string;
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
    .addOption(
      new Option('--export <format>', 'stream everything that matches, however much it is').choices(['ndjson', 'csv']),
    )
    .addHelpText(
      'after',
      examples(
        ['berth audit --actor user:ann --action push --output json', 'what ann pushed, for a program'],
        ['berth audit --from 2030-01-01T00:00:00Z --export csv > audit.csv', 'all of it, for a spreadsheet'],
      ),
    )
    .action(
      act<[], Filter>(runtime, async ({ client, output }, _args, { limit, export: format, ...given }) => {
        const { action, actor, resource, result, from, to } = given;
        const filter = { action, actor, resource, result, from, to };
        if (format === undefined) await output.list(client.list('/audit', filter, limit), columns, 'id');
        else await runtime.writeAll(client.stream(`/audit.${format}`, filter));
      }),
    );
}
