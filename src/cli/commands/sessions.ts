import type { Command } from 'commander';
import { type Column, time, yesNo } from '../output.js';
import { act, count, examples, type Runtime } from '../runtime.js';

const columns: readonly Column[] = [
  ['id', 'id'],
  ['kind', 'kind'],
  ['last seen', time('lastSeenAt')],
  ['expires', time('expiresAt')],
  ['address', 'address'],
  ['client', ({ clientId, userAgent }) => clientId ?? userAgent],
  ['this one', yesNo('current')],
];

export function addSessionCommands(program: Command, runtime: Runtime): void {
  const session = program.command('session').description('your sign-ins on a server elsewhere');

  session
    .command('list')
    .description('list where you are signed in, and what clients keep, the latest first')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[], { limit?: number }>(runtime, async ({ client, output }, _args, { limit }) =>
        output.list(client.list('/auth/sessions', {}, limit), columns, 'id'),
      ),
    );

  session
    .command('revoke <id...>')
    .description('end sign-ins, effective on their next request')
    .addHelpText(
      'after',
      examples(['berth session revoke 3fJw… --username ann', 'with the password in BERTH_PASSWORD']),
    )
    .action(
      act<[string[]]>(runtime, async ({ client, output, each }, [ids]) =>
        each(ids, async (id) => {
          await client.send('DELETE', `/auth/sessions/${encodeURIComponent(id)}`);
          output.done(`${id} has ended`);
        }),
      ),
    );
}
