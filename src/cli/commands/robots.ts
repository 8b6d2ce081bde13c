import type { Command } from 'commander';
import type { Client } from '../client.js';
import { CommandFailure } from '../exit-codes.js';
import { expiryHelp, parseExpiry } from '../expiry.js';
import { type Column, time, yesNo } from '../output.js';
import { act, count, examples, type Runtime } from '../runtime.js';
import { addDelete, addShow, addSwitch, type NamedKind } from './by-name.js';

const columns: readonly Column[] = [
  ['name', 'name'],
  ['enabled', yesNo('enabled')],
  ['expires', time('expiresAt')],
  ['entrusted', yesNo('entrusted')],
  ['description', 'description'],
];

const tokenColumns: readonly Column[] = [
  ['id', 'id'],
  ['user', 'user'],
  ['name', 'name'],
  ['hint', 'hint'],
  ['expires', time('expiresAt')],
  ['last used', time('lastUsedAt')],
];

const pathOf = (name: string) => `/robots/${encodeURIComponent(name)}`;

export function addRobotCommands(program: Command, runtime: Runtime): void {
  const robot = program.command('robot').description('accounts of programs, called namespace+name');
  const robots: NamedKind = { parent: robot, runtime, argument: 'robot', field: 'name', pathOf };

  robot
    .command('list')
    .description('list robots by name')
    .option('--namespace <namespace>', 'only those of it')
    .option('--search <text>', 'only those whose name has it')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[], { namespace?: string; search?: string; limit?: number }>(
        runtime,
        async ({ client, output }, _args, { namespace, search, limit }) =>
          output.list(client.list('/robots', { namespace, q: search }, limit), columns, 'name'),
      ),
    );

  addShow(robots, 'show a robot');

  robot
    .command('create <robot>')
    .description('create a robot; its secret is shown once')
    .option('--description <text>', 'what it is for')
    .option('--expires <time>', expiryHelp, (text: string) => parseExpiry(text))
    .addHelpText('after', examples(['berth robot create team+ci --quiet', 'prints the secret and nothing else']))
    .action(
      act<[string], { description?: string; expires?: string }>(
        runtime,
        async ({ client, output }, [full], { description, expires: expiresAt }) => {
          const [, namespace, name] = /^([^+]+)\+([^+]+)$/.exec(full) ?? [];
          if (name === undefined) throw new CommandFailure('usage', `a robot is called namespace+name, not ${full}`);
          const body = { namespace, name, description, expiresAt };
          await output.showOnce(await client.send('POST', '/robots', body), 'secret');
        },
      ),
    );

  addSwitch(robots, {
    enable: 'let robots in again; for those who manage everything they were granted',
    disable: 'let robots in no more, effective on their next request',
  });

  robot
    .command('add-secret <robot>')
    .description(
      'give a robot a second secret, shown once, so that the first can be replaced without a gap; for those who manage everything it was granted',
    )
    .action(
      act<[string]>(runtime, async ({ client, output }, [name]) =>
        output.showOnce(await client.send('POST', `${pathOf(name)}/secrets`, {}), 'secret'),
      ),
    );

  robot
    .command('remove-secret <robot> <id>')
    .description('end one secret of a robot')
    .action(
      act<[string, string]>(runtime, async ({ client, output, confirm }, [name, id]) => {
        await confirm(`Ending secret ${id} of ${name}`);
        await client.send('DELETE', `${pathOf(name)}/secrets/${encodeURIComponent(id)}`);
        output.done(`secret ${id} of ${name} has ended`);
      }),
    );

  addDelete(robots, 'delete robots with their grants');
}

export function addTokenCommands(program: Command, runtime: Runtime): void {
  const token = program.command('token').description('personal access tokens');

  token
    .command('list')
    .description('list your access tokens; an administrator sees those of all')
    .option('--user <username>', 'only those of a user')
    .action(
      act<[], { user?: string }>(runtime, async ({ client, output }, _args, { user }) =>
        output.list(client.list('/tokens', { user }), tokenColumns, 'id'),
      ),
    );

  token
    .command('create <name>')
    .description('create an access token of your own on a server elsewhere; the secret is shown once')
    .option('--expires <time>', expiryHelp, (text: string) => parseExpiry(text))
    .option('--scope <pattern:actions...>', 'only for these repositories; else all that you may do')
    .addHelpText(
      'after',
      examples(["berth token create laptop --username ann --scope 'team/*:pull,push' --quiet", 'prints the secret']),
    )
    .action(
      act<[string], { expires?: string; scope?: string[] }>(
        runtime,
        async ({ client, output }, [name], { expires: expiresAt, scope }) => {
          requireAccount(client);
          const body = { name, expiresAt, scopes: scope?.map(scopeOf) };
          await output.showOnce(await client.send('POST', '/tokens', body), 'secret');
        },
      ),
    );

  token
    .command('rotate <id>')
    .description('give an access token of your own another secret, shown once; the old one ends at once')
    .action(
      act<[string]>(runtime, async ({ client, output }, [id]) => {
        requireAccount(client);
        await output.showOnce(await client.send('POST', `/tokens/${encodeURIComponent(id)}/rotate`), 'secret');
      }),
    );

  token
    .command('delete <id...>')
    .description('end access tokens, effective on the next request')
    .action(
      act<[string[]]>(runtime, async ({ client, output, confirm, each }, [ids]) => {
        await confirm(`Ending access token ${ids.join(', ')}`);
        await each(ids, async (id) => {
          await client.send('DELETE', `/tokens/${encodeURIComponent(id)}`);
          output.done(`token ${id} has ended`);
        });
      }),
    );
}

/** An access token is somebody's own, and whoever comes by the socket file has no account. */
function requireAccount(client: Client): void {
  if (client.hasAccount) return;
  const how = 'name the server with --url and yourself with --username, with the password in BERTH_PASSWORD';
  throw new CommandFailure('usage', `an access token belongs to an account: ${how}`);
}

/** `team/*:pull,push` */
function scopeOf(text: string): { pattern: string; actions: string[] } {
  const colon = text.lastIndexOf(':');
  if (colon < 1) throw new CommandFailure('usage', `${text} is not a scope: pattern:actions`);
  return { pattern: text.slice(0, colon), actions: text.slice(colon + 1).split(',') };
}
