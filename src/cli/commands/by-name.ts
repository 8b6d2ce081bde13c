import type { Command } from 'commander';
import type { Client } from '../client.js';
import { act, type Runtime } from '../runtime.js';

/** A kind of things that have a name: users, groups, robots, repositories. */
export interface NamedKind {
  /** The command that those for this kind are below. */
  readonly parent: Command;
  readonly runtime: Runtime;
  /** What the help calls the name. */
  readonly argument: string;
  /** The field of an answer that is the name. */
  readonly field: 'name' | 'username';
  /** Where the API has the one of this name. */
  readonly pathOf: (name: string) => string;
}

/** `show`: everything that is known of one. */
export function addShow({ parent, runtime, argument, field, pathOf }: NamedKind, description: string): void {
  parent
    .command(`show <${argument}>`)
    .description(description)
    .action(
      act<[string]>(runtime, async ({ client, output }, [name]) => output.show(await client.get(pathOf(name)), field)),
    );
}

/** `enable` and `disable`, for as many as are named. */
export function addSwitch(
  { parent, runtime, argument, pathOf }: NamedKind,
  descriptions: { readonly enable: string; readonly disable: string },
): void {
  for (const verb of ['enable', 'disable'] as const) {
    parent
      .command(`${verb} <${argument}...>`)
      .description(descriptions[verb])
      .action(
        act<[string[]]>(runtime, async ({ client, output, each }, [names]) =>
          each(names, async (name) => {
            await client.send('PATCH', pathOf(name), { enabled: verb === 'enable' });
            output.done(`${name} is ${verb}d`);
          }),
        ),
      );
  }
}

/**
 * `delete`, for as many as are named, after a question.
 * @param alongside what the question says goes with them
 * @param consequences asked of the server for the question, to stand at its end
 */
export function addDelete(
  { parent, runtime, argument, pathOf }: NamedKind,
  description: string,
  alongside = '',
  consequences?: (client: Client, name: string) => Promise<string>,
): Command {
  return parent
    .command(`delete <${argument}...>`)
    .description(description)
    .action(
      act<[string[]]>(runtime, async ({ client, output, confirm, each }, [names]) => {
        await confirm(`Deleting ${names.join(', ')}${alongside}`, async () => {
          const told: string[] = [];
          for (const name of names) told.push((await consequences?.(client, name)) ?? '');
          return told.join('');
        });
        await each(names, async (name) => {
          await client.send('DELETE', pathOf(name));
          output.done(`${name} is deleted`);
        });
      }),
    );
}
