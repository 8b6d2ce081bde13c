import { type Command, Option } from 'commander';
import { type Client, isRow, type Row } from '../client.js';
import { CommandFailure } from '../exit-codes.js';
import { type Column, cell, time } from '../output.js';
import { act, examples, type Runtime } from '../runtime.js';

const actions = ['pull', 'push', 'delete', 'manage'];

export const grantColumns: readonly Column[] = [
  ['id', 'id'],
  ['subject', 'subject'],
  ['pattern', 'pattern'],
  ['actions', 'actions'],
  ['created', time('createdAt')],
];

export function addGrantCommands(program: Command, runtime: Runtime): void {
  program
    .command('grant <subject> <pattern> <actions...>')
    .description('let a user, group or robot do exactly these actions on a repository or on all below a prefix')
    .addHelpText(
      'after',
      `\nA subject is user:NAME, group:NAME or robot:NAMESPACE+NAME; without a colon it is a user.\nActions: ${actions.join(', ')}; push, delete and manage include pull.\n${examples(
        ['berth grant user:ann team/app push', 'ann pushes and pulls team/app'],
        ["berth grant group:dev 'team/*' pull,push", 'all of the group, below team/'],
      )}`,
    )
    .action(
      act<[string, string, string[]]>(runtime, async ({ client, output }, [subject, pattern, given]) => {
        const body = { subject: subjectOf(subject), pattern, actions: given.flatMap((list) => list.split(',')) };
        await output.show(await client.send('PUT', '/permissions', body), 'id');
      }),
    );

  program
    .command('revoke <subject> <pattern>')
    .description('take back what was granted to a subject on exactly this pattern; effective on the next request')
    .addHelpText('after', examples(["berth revoke group:dev 'team/*' --yes", 'without being asked']))
    .action(
      act<[string, string]>(runtime, async ({ client, output, confirm }, [subject, pattern]) => {
        const grant = await findGrant(client, subjectOf(subject), pattern);
        await confirm(`Revoking ${cell(grant.actions)} on ${pattern} from ${cell(grant.subject)}`);
        await client.send('DELETE', `/permissions/${grant.id}`);
        output.done(`${cell(grant.subject)} has no grant on ${pattern} any more`);
      }),
    );

  program
    .command('grants')
    .description('list grants')
    .option('--subject <subject>', 'only those of user:NAME, group:NAME or robot:NAME')
    .option('--repository <name>', 'only those that have an effect on it')
    .action(
      act<[], { subject?: string; repository?: string }>(
        runtime,
        async ({ client, output }, _args, { subject, repository }) => {
          const query = { ...(subject !== undefined && queryOf(subjectOf(subject))), repository };
          await output.list(client.list('/permissions', query), grantColumns, 'id');
        },
      ),
    );

  program
    .command('explain <subject> <repository>')
    .description('say what a subject may do to a repository, by which rule, and what is missing')
    .addOption(new Option('--action <action>', 'only this one').choices(actions))
    .addHelpText('after', examples(['berth explain user:ann team/app --action push', 'may ann push, and why']))
    .action(
      act<[string, string], { action?: string }>(
        runtime,
        async ({ client, output }, [subject, repository], { action }) => {
          const query = { ...queryOf(subjectOf(subject)), repository, action };
          const { actions } = await client.get('/permissions/explain', query);
          const rows = Object.entries(isRow(actions) ? actions : {}).map(([name, row]) => ({
            action: name,
            ...(isRow(row) && row),
          }));
          await output.list(rows, explainColumns, 'action');
        },
      ),
    );

  program
    .command('preview <pattern>')
    .description('say which repositories a pattern covers today')
    .action(
      act<[string]>(runtime, async ({ client, output }, [pattern]) =>
        output.show(await client.get('/permissions/preview', { pattern }), 'repositories'),
      ),
    );
}

const explainColumns: readonly Column[] = [
  ['action', 'action'],
  ['allowed', ({ allowed }) => (allowed === true ? 'yes' : 'no')],
  ['because', ({ reasons, missing }) => (isRow(missing) ? missingText(missing) : reasonsText(reasons))],
];

function reasonsText(reasons: unknown): string {
  if (!Array.isArray(reasons)) return '';
  return reasons
    .filter(isRow)
    .map(({ rule, visibility, grant, pattern, action, group }) => {
      if (rule === 'admin') return 'administrator';
      if (rule === 'visibility') return `the repository is ${visibility}`;
      return `grant ${grant}: ${action} on ${pattern}${group === undefined ? '' : ` to group ${group}`}`;
    })
    .join('; ');
}

function missingText({ need, action, patterns }: Row): string {
  if (need === 'sign-in') return 'missing: a sign-in';
  const what = need === 'grant' ? `a grant of ${action}` : `${action} in the scopes of the token`;
  return `missing: ${what} on ${Array.isArray(patterns) ? patterns.join(' or ') : ''}`;
}

interface Subject {
  readonly type: string;
  readonly name: string;
}

/** `group:dev`; a name alone is a user's. */
function subjectOf(text: string): Subject {
  const [, type = 'user', name = ''] = /^(?:(user|group|robot):)?([^:]+)$/.exec(text) ?? [];
  if (name !== '') return { type, name };
  throw new CommandFailure('usage', `${text} is not a subject: user:NAME, group:NAME or robot:NAME`);
}

function queryOf({ type, name }: Subject): Record<string, string> {
  return { [type]: name };
}

async function findGrant(client: Client, subject: Subject, pattern: string): Promise<Row> {
  for await (const grant of client.list('/permissions', queryOf(subject))) {
    if (grant.pattern === pattern) return grant;
  }
  throw new CommandFailure('notFound', `${subject.type}:${subject.name} has no grant on ${pattern}`);
}
