import { type Command, Option } from 'commander';
import type { Client } from '../client.js';
import { type Column, cell, named, size, time, yesNo } from '../output.js';
import { act, count, examples, type Runtime } from '../runtime.js';
import { addDelete, addShow, type NamedKind } from './by-name.js';

const repositoryColumns: readonly Column[] = [
  ['name', 'name'],
  ['visibility', 'visibility'],
  ['pushed', time('pushedAt')],
  ['description', 'description'],
];

const rightsColumns: readonly Column[] = [
  ['subject', 'subject'],
  ['actions', 'actions'],
  ['enabled', yesNo('enabled')],
];

const tagColumns: readonly Column[] = [
  ['tag', 'name'],
  ['digest', ({ digest }) => cell(digest).slice(0, 'sha256:'.length + 12)],
  ['size', size('totalSize')],
  ['pushed', time('pushedAt')],
  ['by', 'pushedBy'],
];

const moveColumns: readonly Column[] = [
  ['at', time('at')],
  ['digest', ({ digest }) => digest ?? '(deleted)'],
  ['by', named('actor')],
  ['still here', yesNo('present')],
];

/** Forwards, and backwards behind a dash. */
const bothWays = (...orders: string[]) => orders.flatMap((order) => [order, `-${order}`]);
const repositoryOrders = bothWays('name', 'pushedAt', 'createdAt');
const tagOrders = bothWays('name', 'pushedAt', 'size', 'version');

interface RepositoryOptions {
  readonly visibility?: string;
  readonly description?: string;
}

export const repositoryPath = (name: string) => `/repositories/${encodeURIComponent(name)}`;
const tagPath = (name: string, tag: string) => `${repositoryPath(name)}/tags/${encodeURIComponent(tag)}`;
const visibility = () =>
  new Option('--visibility <who>', 'who may pull without a grant').choices(['private', 'internal', 'public']);

export function addRepositoryCommands(program: Command, runtime: Runtime): void {
  const repo = program.command('repo').description('repositories');
  const pathOf = repositoryPath;
  const repositories: NamedKind = { parent: repo, runtime, argument: 'repository', field: 'name', pathOf };

  repo
    .command('list')
    .description('list the repositories you may pull')
    .addOption(new Option('--sort <order>', 'order').choices(repositoryOrders).default('name'))
    .option('--search <text>', 'only those whose name has it')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[], { sort: string; search?: string; limit?: number }>(
        runtime,
        async ({ client, output }, _args, { sort, search, limit }) =>
          output.list(client.list('/repositories', { sort, q: search }, limit), repositoryColumns, 'name'),
      ),
    );

  addShow(repositories, 'show a repository');

  repo
    .command('create <repository>')
    .description('create an empty repository')
    .addOption(visibility().default('private'))
    .option('--description <text>', 'what it is for')
    .addHelpText('after', examples(['berth repo create team/app --visibility internal', 'everybody signed in pulls']))
    .action(
      act<[string], RepositoryOptions>(runtime, async ({ client, output }, [name], options) => {
        const { visibility, description } = options;
        await output.show(await client.send('POST', '/repositories', { name, visibility, description }), 'name');
      }),
    );

  repo
    .command('update <repository>')
    .description('change the visibility or the description of a repository')
    .addOption(visibility())
    .option('--description <text>', 'what it is for')
    .action(
      act<[string], RepositoryOptions>(runtime, async ({ client, output }, [name], { visibility, description }) =>
        output.show(await client.send('PATCH', repositoryPath(name), { visibility, description }), 'name'),
      ),
    );

  repo
    .command('rename <repository> <name>')
    .description('give a repository another name, which everything in it and its own grants follow')
    .addHelpText('after', examples(['berth repo rename team/app apps/web', 'clients have to ask for the new name']))
    .action(
      act<[string, string]>(runtime, async ({ client, output }, [from, name]) =>
        output.show(await client.send('PATCH', repositoryPath(from), { name }), 'name'),
      ),
    );

  repo
    .command('permissions <repository>')
    .description('list who may do what to a repository')
    .action(
      act<[string]>(runtime, async ({ client, output }, [name]) =>
        output.list(client.list(`${repositoryPath(name)}/permissions`), rightsColumns, 'subject'),
      ),
    );

  addDelete(
    repositories,
    'delete repositories with all their images and the grants of exactly their names',
    ' with all images',
    endingRights,
  ).addHelpText('after', examples(['berth repo delete team/old --yes', 'without being asked']));
}

/** Subjects that a question names. */
const shownLosers = 10;

/** Who loses what with a repository, for the question before it goes; nothing where nobody does. */
async function endingRights(client: Client, name: string): Promise<string> {
  const losing: string[] = [];
  for await (const row of client.list(`${repositoryPath(name)}/deletion`, {}, shownLosers + 1)) {
    const again = row.mayMakeAnew === true ? '' : ', and cannot make it anew';
    losing.push(`${cell(row.subject)} loses ${cell(row.loses) || 'nothing'}${again}`);
  }
  const more = losing.length > shownLosers ? ['others too'] : [];
  const told = [...losing.slice(0, shownLosers), ...more];
  return told.length === 0 ? '' : `\n${told.map((line) => `  ${name}: ${line}`).join('\n')}\n`;
}

export function addTagCommands(program: Command, runtime: Runtime): void {
  const tag = program.command('tag').description('tags of a repository');

  tag
    .command('list <repository>')
    .description('list tags')
    .addOption(new Option('--sort <order>', 'order').choices(tagOrders).default('-pushedAt'))
    .option('--search <text>', 'only those whose name has it')
    .option('--limit <number>', 'at most so many', count)
    .addHelpText(
      'after',
      examples(
        ['berth tag list team/app --limit 10', 'the last ten'],
        ['berth tag list team/app --quiet --search pr-', 'names for a script'],
      ),
    )
    .action(
      act<[string], { sort: string; search?: string; limit?: number }>(
        runtime,
        async ({ client, output }, [name], { sort, search, limit }) =>
          output.list(client.list(`${repositoryPath(name)}/tags`, { sort, q: search }, limit), tagColumns, 'name'),
      ),
    );

  tag
    .command('show <repository> <tag>')
    .description('show the image a tag points to')
    .action(
      act<[string, string]>(runtime, async ({ client, output }, [name, tag]) =>
        output.show(await client.get(tagPath(name, tag)), 'digest'),
      ),
    );

  tag
    .command('retag <repository> <tag> <reference>')
    .description('point a tag, old or new, to the image of another tag or a digest of the same repository')
    .addHelpText(
      'after',
      examples(
        ['berth tag retag team/app stable 1.28.3', 'stable is 1.28.3 from now on'],
        ['berth tag retag team/app latest sha256:2c26…', 'back to what the history shows'],
      ),
    )
    .action(
      act<[string, string, string]>(runtime, async ({ client, output }, [name, tag, reference]) => {
        const { digest } = await client.send('PUT', tagPath(name, tag), { reference });
        await output.show({ name: tag, digest }, 'digest');
      }),
    );

  tag
    .command('history <repository> <tag>')
    .description('list where a tag has pointed, the latest first, also when it was deleted')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[string, string], { limit?: number }>(runtime, async ({ client, output }, [name, tag], { limit }) =>
        output.list(client.list(`${tagPath(name, tag)}/history`, {}, limit), moveColumns, 'digest'),
      ),
    );

  tag
    .command('delete <repository> <tag...>')
    .description('delete tags; the images and their other tags stay')
    .addHelpText('after', examples(['berth tag delete team/app pr-17 pr-18 --yes', 'without being asked']))
    .action(
      act<[string, string[]]>(runtime, async ({ client, output, confirm, each }, [name, tags]) => {
        await confirm(`Deleting ${tags.map((tag) => `${name}:${tag}`).join(', ')}`);
        await each(tags, async (tag) => {
          await client.send('DELETE', tagPath(name, tag));
          output.done(`${name}:${tag} is deleted`);
        });
      }),
    );
}
