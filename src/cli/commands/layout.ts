import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { clock } from '../../async/clock.js';
import { isRow, type Row } from '../client.js';
import { CommandFailure } from '../exit-codes.js';
import { type Column, cell } from '../output.js';
import { act, examples, type Runtime, type Session } from '../runtime.js';
import { plainText } from '../text-width.js';

const columns: readonly Column[] = [
  ['path', 'path'],
  ['reason', 'reason'],
];

/** Milliseconds between questions; and between lines where nobody watches. */
const askEvery = 250;
const sayEvery = 10_000;

export function addLayoutCommands(program: Command, runtime: Runtime): void {
  program
    .command('reindex')
    .description(
      "take the images of the data directory's files into the index: a volume of CNCF Distribution, or one's own",
    )
    .addHelpText(
      'after',
      examples(
        ['berth reindex --data-dir /var/lib/registry', 'adopts a stopped docker-registry without copying a byte'],
        ['berth reindex', 'brings back the images after the loss of berth.db'],
      ),
    )
    .action(act<[]>(runtime, (session) => walk(runtime, session, 'reindex'), { adopts: true }));

  program
    .command('layout')
    .description("the index in files, in CNCF Distribution's layout")
    .command('sync')
    .description('write every image into the layout now, so that docker-registry can serve the data directory')
    .addHelpText('after', examples(['berth layout sync', 'before going back to docker-registry']))
    .action(act<[]>(runtime, (session) => walk(runtime, session, 'sync')));
}

/** Starts it and waits for its end. What was left out is on standard output, how far it is on standard error. */
async function walk(runtime: Runtime, { client, output, quiet }: Session, kind: 'sync' | 'reindex'): Promise<void> {
  let task = taskOf(await client.send('POST', `/system/layout:${kind}`));
  if (task === undefined) return; // --dry-run
  if (task.kind !== kind) throw new CommandFailure('conflict', `a ${cell(task.kind)} of the layout is running`);
  const { startedAt } = task;
  for (let said = clock.wall(); task.state === 'running' && task.startedAt === startedAt; ) {
    await delay(askEvery);
    task = taskOf(await client.get('/system/layout')) ?? task;
    if (quiet || !(runtime.terminal || clock.wall() - said >= sayEvery)) continue;
    said = clock.wall();
    runtime.writeError(runtime.terminal ? `\r\u001b[K${sentence(task)}` : `${sentence(task)}\n`);
  }
  if (!quiet) runtime.writeError(`${runtime.terminal ? '\r\u001b[K' : ''}${sentence(task)}\n`);
  const problems = Array.isArray(task.problems) ? task.problems.filter(isRow) : [];
  if (problems.length > 0) await output.list(problems, columns, 'path');
  if (task.state === 'failed') throw new CommandFailure('failure', cell(task.error));
  const skipped = typeof task.skipped === 'number' ? task.skipped : 0;
  if (skipped > 0) throw new CommandFailure('partial', `${skipped} left out, the rest is done`);
}

function taskOf({ task }: Row): Row | undefined {
  return isRow(task) ? task : undefined;
}

function sentence({ repositories, manifests, tags, links }: Row): string {
  return plainText(
    `berth: ${cell(repositories)} repositories, ${cell(manifests)} manifests, ${cell(tags)} tags, ${cell(links)} links`,
  );
}
