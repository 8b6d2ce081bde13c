import { type Command, Option } from 'commander';
import type { Row } from '../client.js';
import { type Column, time, yesNo } from '../output.js';
import { act, count, examples, passwordFrom, type Runtime, type Session } from '../runtime.js';
import { addDelete, addShow, addSwitch, type NamedKind } from './by-name.js';
import { grantColumns } from './grants.js';
import { newPassword } from './new-password.js';

const columns: readonly Column[] = [
  ['username', 'username'],
  ['role', 'role'],
  ['enabled', yesNo('enabled')],
  ['full name', 'fullName'],
  ['last sign-in', time('lastSignInAt')],
];

interface PersonOptions {
  readonly role?: string;
  readonly fullName?: string;
  readonly email?: string;
}

const pathOf = (username: string) => `/users/${encodeURIComponent(username)}`;
const person = ({ role, fullName, email }: PersonOptions): Row => ({ role, fullName, email });
const roleOption = () => new Option('--role <role>', 'what they may do beyond grants').choices(['user', 'admin']);

export function addUserCommands(program: Command, runtime: Runtime): void {
  const user = program.command('user').description('accounts of people');
  const users: NamedKind = { parent: user, runtime, argument: 'username', field: 'username', pathOf };

  user
    .command('list')
    .description('list users by name')
    .option('--search <text>', 'only those whose name or address has it')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[], { search?: string; limit?: number }>(runtime, async ({ client, output }, _args, { search, limit }) =>
        output.list(client.list('/users', { q: search }, limit), columns, 'username'),
      ),
    );

  addShow(users, 'show a user');

  user
    .command('create <username>')
    .description('create a user; without --password-stdin a password is generated, shown once, and has to be changed')
    .addOption(roleOption().default('user'))
    .option('--full-name <name>', 'what people call them')
    .option('--email <address>', 'where they get mail')
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText(
      'after',
      examples(
        ['berth user create ann', 'with a generated password'],
        ['berth user create bob --role admin --password-stdin < password', 'an administrator'],
        ['berth user create ci --quiet', 'prints the password and nothing else'],
      ),
    )
    .action(
      act<[string], PersonOptions & { passwordStdin?: boolean }>(runtime, async (session, [username], options) => {
        const password = options.passwordStdin ? await passwordFrom(session) : undefined;
        const made = await session.client.send('POST', '/users', { username, password, ...person(options) });
        await session.output.showOnce(made, 'initialPassword');
      }),
    );

  user
    .command('update <username>')
    .description('change the role or what is known of a user')
    .addOption(roleOption())
    .option('--full-name <name>', 'what people call them')
    .option('--email <address>', 'where they get mail')
    .action(
      act<[string], PersonOptions>(runtime, async ({ client, output }, [username], options) =>
        output.show(await client.send('PATCH', pathOf(username), person(options)), 'username'),
      ),
    );

  addSwitch(users, {
    enable: 'let users sign in again',
    disable: 'end everything users are signed in to, and let them sign in no more',
  });

  user
    .command('reset-password <username>')
    .description('give a user a new password, which has to be changed at the next sign-in')
    .option('--password-stdin', 'read the password from standard input; else one is generated and shown once')
    .action(
      act<[string], { passwordStdin?: boolean }>(runtime, async (session, [username], { passwordStdin }) =>
        resetPassword(session, username, passwordStdin ? await passwordFrom(session) : undefined),
      ),
    );

  user
    .command('unlock <username...>')
    .description('let users try again who failed to sign in too often')
    .action(
      act<[string[]]>(runtime, async ({ client, output, each }, [usernames]) =>
        each(usernames, async (username) => {
          await client.send('POST', `${pathOf(username)}/unlock`);
          output.done(`${username} may try again`);
        }),
      ),
    );

  user
    .command('permissions <username>')
    .description('list what was granted to a user and to their groups')
    .action(
      act<[string]>(runtime, async ({ client, output }, [username]) =>
        output.list(client.list(`${pathOf(username)}/permissions`), grantColumns, 'id'),
      ),
    );

  addDelete(users, 'delete users with their grants').addHelpText(
    'after',
    examples(['berth user delete ann bob --yes', 'without being asked']),
  );
}

/** Sets the password, or a generated one that is told once. */
export async function resetPassword({ client, output }: Session, username: string, given?: string): Promise<void> {
  const password = given ?? newPassword();
  await client.send('POST', `${pathOf(username)}/password-reset`, { password });
  if (given === undefined) await output.showOnce({ username, password }, 'password');
  else output.done(`${username} has a new password`);
}
