import type { Command } from 'commander';
import { type Client, isRow, type Row } from '../client.js';
import { CommandFailure } from '../exit-codes.js';
import { type Column, cell, named, time } from '../output.js';
import { act, count, examples, type Runtime, type Session } from '../runtime.js';
import { plainText } from '../text-width.js';

const columns: readonly Column[] = [
  ['id', 'id'],
  ['kind', 'kind'],
  ['state', 'state'],
  ['progress', 'progress'],
  ['by', named('startedBy')],
  ['created', time('createdAt')],
  ['ended', time('endedAt')],
];
/** Characters of one event of the stream: many times what a server of ours sends. */
const longestEvent = 1 << 20;

export function addJobCommands(program: Command, runtime: Runtime): void {
  const jobs = program.command('jobs').description('work that takes longer than a request');

  jobs
    .command('list')
    .description('list jobs, the latest first')
    .option('--kind <kind>', 'only of this kind')
    .option('--state <state>', 'only in this state')
    .option('--limit <number>', 'at most so many', count)
    .action(
      act<[], { kind?: string; state?: string; limit?: number }>(
        runtime,
        async ({ client, output }, _args, { kind, state, limit }) =>
          output.list(client.list('/jobs', { kind, state }, limit), columns, 'id'),
      ),
    );

  jobs
    .command('show <id>')
    .description('show how far a job is, or how it ended')
    .action(
      act<[string]>(runtime, async ({ client, output }, [id]) => output.show(await client.get(pathOf(id)), 'id')),
    );

  jobs
    .command('follow <id>')
    .description('print what a job says until it has ended; fails when the job does not succeed')
    .action(act<[string]>(runtime, async (session, [id]) => follow(runtime, session, id)));

  jobs
    .command('cancel <id...>')
    .description('cancel jobs: one that runs comes to rest within two seconds')
    .action(
      act<[string[]]>(runtime, async ({ client, output, each }, [ids]) =>
        each(ids, async (id) => {
          await client.send('POST', `${pathOf(id)}/cancel`);
          output.done(`${id} is cancelled`);
        }),
      ),
    );

  jobs
    .command('run <kind>')
    .description('have a job of this kind run as soon as there is room for it')
    .option('--follow', 'print what it says until it has ended')
    .addHelpText(
      'after',
      examples(['berth jobs run blobs.scrub --follow', 'reads every blob now, and names what is damaged']),
    )
    .action(
      act<[string], { follow?: boolean }>(runtime, async (session, [kind], options) => {
        const job = await session.client.send('POST', '/jobs', { kind });
        if (job.id === undefined) return; // --dry-run
        if (options.follow === true) await follow(runtime, session, cell(job.id));
        else await session.output.show(job, 'id');
      }),
    );
}

const pathOf = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

/** What it says is on standard output, how far it is on standard error. */
async function follow(runtime: Runtime, { client, quiet }: Session, id: string): Promise<void> {
  let job: Row | undefined;
  for await (const { event, data } of eventsOf(client, `${pathOf(id)}/events`)) {
    if (event === 'line') runtime.write(`${plainText(lineOf(data))}\n`);
    else job = data;
    if (event !== 'job' || quiet || !runtime.terminal) continue;
    runtime.writeError(`\r\u001b[K${plainText(`berth: ${cell(data.state)} ${cell(data.progress)}`)}`);
  }
  if (runtime.terminal && !quiet) runtime.writeError('\n');
  const state = cell(job?.state);
  if (state === 'succeeded') return;
  if (state === 'queued' || state === 'running' || state === '')
    throw new CommandFailure('temporary', `the server says no more of job ${id}: follow it again`);
  throw new CommandFailure('failure', [`job ${id} is ${state}`, cell(job?.error)].filter(Boolean).join(': '));
}

function lineOf({ at, level, about, text }: Row): string {
  return [cell(at), cell(level).padEnd(5), cell(about), cell(text)].filter((part) => part !== '').join('  ');
}

/** The events of a stream, each of one line of JSON, as they come. */
async function* eventsOf(client: Client, path: string): AsyncGenerator<{ event: string; data: Row }> {
  let text = '';
  for await (const chunk of client.stream(path)) {
    text += chunk.toString();
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const written of events) {
      const fields = new Map(written.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), valueIn(line)]));
      const data = parsed(fields.get('data') ?? '');
      if (data !== undefined) yield { event: fields.get('event') ?? '', data };
    }
    if (text.length > longestEvent) throw new CommandFailure('failure', 'the answer is not one of Berth');
  }
}

const valueIn = (line: string): string => line.slice(line.indexOf(': ') + 2);

function parsed(text: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRow(value) ? value : undefined;
  } catch {
    return undefined; // of another server
  }
}
