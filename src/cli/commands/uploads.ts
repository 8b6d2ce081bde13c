import type { Command } from 'commander';
import { type Column, size, time } from '../output.js';
import { act, examples, type Runtime } from '../runtime.js';

const columns: readonly Column[] = [
  ['id', 'id'],
  ['account', 'account'],
  ['repository', 'repository'],
  ['size', size('bytes')],
  ['since', time('createdAt')],
  ['idle', ({ idleSeconds }) => `${idleSeconds} s`],
];

export function addUploadCommands(program: Command, runtime: Runtime): void {
  const upload = program.command('upload').description('pushes that are not finished');

  upload
    .command('list')
    .description('list unfinished uploads, the oldest first: everybody’s for an administrator, else your own')
    .action(act<[]>(runtime, async ({ client, output }) => output.list(client.list('/uploads'), columns, 'id')));

  upload
    .command('end <id...>')
    .description('end unfinished uploads: whoever writes to them is cut off, and their bytes are free at once')
    .addHelpText('after', examples(['berth upload end 0f1c7c5e-8a53-4c0b-9a52-3f0e6f1d2b4a', 'as list shows it']))
    .action(
      act<[string[]]>(runtime, async ({ client, output, each }, [ids]) =>
        each(ids, async (id) => {
          await client.send('DELETE', `/uploads/${encodeURIComponent(id)}`);
          output.done(`${id} has ended`);
        }),
      ),
    );
}
