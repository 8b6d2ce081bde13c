import type { Command } from 'commander';
import { type Column, time } from '../output.js';
import { act, examples, passwordFrom, type Runtime } from '../runtime.js';
import { resetPassword } from './users.js';

const keyColumns: readonly Column[] = [
  ['key', 'kid'],
  ['algorithm', 'algorithm'],
  ['status', 'status'],
  ['created', time('createdAt')],
  ['verifies until', time('verifiesUntil')],
];

export function addAdministrationCommands(program: Command, runtime: Runtime): void {
  program
    .command('whoami')
    .description('show who you are to the server')
    .action(act<[]>(runtime, async ({ client, output }) => output.show(await client.get('/auth/me'), 'username')));

  program
    .command('admin')
    .description('help for administrators who are locked out')
    .command('reset-password [username]')
    .description('give an administrator a new password, with the server running or stopped')
    .option('--password-stdin', 'read the password from standard input; else one is generated and shown once')
    .addHelpText(
      'after',
      examples(
        ['berth admin reset-password', 'of admin'],
        ['berth admin reset-password ann --quiet', 'prints the password and nothing else'],
      ),
    )
    .action(
      act<[string | undefined], { passwordStdin?: boolean }>(
        runtime,
        async (session, [username = 'admin'], { passwordStdin }) =>
          resetPassword(session, username, passwordStdin ? await passwordFrom(session) : undefined),
      ),
    );

  const keys = program.command('keys').description('keys that sign registry tokens');
  keys
    .command('list')
    .description('list the key that signs and those that still verify')
    .action(
      act<[]>(runtime, async ({ client, output }) => output.list(client.list('/system/keys'), keyColumns, 'kid')),
    );
  keys
    .command('rotate')
    .description('sign with a new key from now on; tokens of the old one stay good until they expire')
    .action(
      act<[]>(runtime, async ({ client, output }) =>
        output.show(await client.send('POST', '/system/keys:rotate'), 'kid'),
      ),
    );
}
