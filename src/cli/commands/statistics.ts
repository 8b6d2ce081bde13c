import type { Command } from 'commander';
import { isRow, type Row } from '../client.js';
import { bytesText, type Column, cell, size } from '../output.js';
import { act, examples, type Runtime } from '../runtime.js';

/** The sum of a field over the days. */
const inAll = (field: string) => (row: Row) => {
  const days = Array.isArray(row.days) ? row.days.filter(isRow) : [];
  return days.reduce((sum, day) => sum + (typeof day[field] === 'number' ? day[field] : 0), 0);
};
/** A field of a part of the answer. */
const part = (name: string, field: string) => (row: Row) => {
  const inner = row[name];
  return isRow(inner) ? inner[field] : undefined;
};
const bytesIn = (name: string, field: string) => (row: Row) => bytesText(part(name, field)(row));

const statistics: readonly Column[] = [
  ['repositories', 'repositories'],
  ['tags', 'tags'],
  ['size', size('size')],
  ['pulls in 30 days', inAll('pulls')],
  ['pushes in 30 days', inAll('pushes')],
  ['last push', lastPush],
];

const installation: readonly Column[] = [
  ['version', 'version'],
  ['node', 'node'],
  ['started', 'startedAt'],
  ['memory', size('memoryBytes')],
  ['data directory', part('dataDirectory', 'path')],
  ['free', bytesIn('dataDirectory', 'freeBytes')],
  ['blobs', bytesIn('dataDirectory', 'blobBytes')],
  ['database', bytesIn('dataDirectory', 'databaseBytes')],
  ['users', part('counts', 'users')],
  ['repositories', part('counts', 'repositories')],
  ['tags', part('counts', 'tags')],
];

export function addStatisticsCommands(program: Command, runtime: Runtime): void {
  program
    .command('stats')
    .description('show how much there is of what you may pull, and what went on in 30 days')
    .addHelpText('after', examples(['berth stats --output json', 'with every day and the latest pushes']))
    .action(
      act<[]>(runtime, async ({ client, output }) =>
        output.show(await client.get('/stats'), 'repositories', statistics),
      ),
    );

  program
    .command('system')
    .description('this installation')
    .command('info')
    .description('show version, disk, how much there is and the settings that matter')
    .addHelpText('after', examples(['berth system info --output yaml', 'all of it']))
    .action(
      act<[]>(runtime, async ({ client, output }) =>
        output.show(await client.get('/system/info'), 'version', installation),
      ),
    );
}

function lastPush({ recentPushes }: Row): string {
  const [push] = Array.isArray(recentPushes) ? recentPushes.filter(isRow) : [];
  return push === undefined ? '' : `${cell(push.repository)}:${cell(push.reference)} at ${cell(push.at)}`;
}
