import type { Command } from 'commander';
import { type Column, time } from '../output.js';
import { act, count, examples, type Runtime } from '../runtime.js';
import { addDelete, addShow, type NamedKind } from './by-name.js';

const columns: readonly Column[] = [
  ['name', 'name'],
  ['members', 'memberCount'],
  ['created', time('createdAt')],
  ['description', 'description'],
];

const memberColumns: readonly Column[] = [
  ['username', 'username'],
  ['full name', 'fullName'],
];

const pathOf = (name: string) => `/groups/${encodeURIComponent(name)}`;

export function addGroupCommands(program: Command, runtime: Runtime): void {
  const group = program.command('group').description('groups of users');
  const groups: NamedKind = { parent: group, runtime, argument: 'group', field: 'name', pathOf };

  group
    .command('list')
    .description('list groups by name')
    .option('--search <text>', 'only those whose name has it')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[], { search?: string; limit?: number }>(runtime, async ({ client, output }, _args, { search, limit }) =>
        output.list(client.list('/groups', { q: search }, limit), columns, 'name'),
      ),
    );

  group
    .command('create <group>')
    .description('create a group')
    .option('--description <text>', 'what it is for')
    .action(
      act<[string], { description?: string }>(runtime, async ({ client, output }, [name], { description }) =>
        output.show(await client.send('POST', '/groups', { name, description }), 'name'),
      ),
    );

  addShow(groups, 'show a group');

  group
    .command('update <group>')
    .description('describe a group anew')
    .requiredOption('--description <text>', 'what it is for')
    .action(
      act<[string], { description: string }>(runtime, async ({ client, output }, [name], { description }) =>
        output.show(await client.send('PATCH', pathOf(name), { description }), 'name'),
      ),
    );

  group
    .command('members <group>')
    .description('list the members of a group')
    .action(
      act<[string]>(runtime, async ({ client, output }, [name]) =>
        output.list(client.list(`${pathOf(name)}/members`), memberColumns, 'username'),
      ),
    );

  for (const [verb, method, description, done] of [
    ['add', 'PUT', 'make users members of a group', 'is in'],
    ['remove', 'DELETE', 'take users out of a group', 'is out of'],
  ] as const) {
    group
      .command(`${verb} <group> <username...>`)
      .description(description)
      .addHelpText('after', examples([`berth group ${verb} dev ann bob`, 'two at once']))
      .action(
        act<[string, string[]]>(runtime, async ({ client, output, each }, [name, usernames]) =>
          each(usernames, async (username) => {
            await client.send(method, `${pathOf(name)}/members/${encodeURIComponent(username)}`);
            output.done(`${username} ${done} ${name}`);
          }),
        ),
      );
  }

  addDelete(groups, 'delete groups with their grants; the members stay');
}
