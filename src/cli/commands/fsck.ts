import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { clock } from '../../async/clock.js';
import { loadConfig } from '../../config/load.js';
import type { Finding, Progress } from '../../integrity/finding.js';
import { fsck } from '../../integrity/fsck.js';
import { settingsInput } from '../connection.js';
import { CommandFailure } from '../exit-codes.js';
import { bytesText, type Column } from '../output.js';
import { commandOf, examples, type GlobalOptions, outputOf, type Runtime } from '../runtime.js';

const columns: readonly Column[] = [
  ['severity', 'severity'],
  ['kind', 'kind'],
  ['name', 'name'],
  ['reason', 'reason'],
  ['images', 'images'],
];

interface Options extends GlobalOptions {
  readonly quick?: boolean;
}

export function addFsckCommand(program: Command, runtime: Runtime): void {
  program
    .command('fsck')
    .description('check every blob, manifest and tag of the data directory, with the server running or stopped')
    .option('--quick', 'do not read the bytes of blobs, only look whether they are there and how long they are')
    .addHelpText(
      'after',
      examples(
        ['berth fsck', 'names what is damaged and the images that need it; exit 1 when there is damage'],
        ['berth fsck --quick --output json', 'for a program, in a fraction of the time'],
      ),
    )
    .action(async (...given: unknown[]) => {
      const options = commandOf(given).optsWithGlobals<Options>();
      if (options.url !== undefined)
        throw new CommandFailure('usage', 'fsck reads a data directory, not a server by URL');
      const { config } = await loadConfig(settingsInput(options, runtime.environment));
      const { dataDir, registry } = config;
      if (lstatSync(join(dataDir, 'berth.db'), { throwIfNoEntry: false }) === undefined)
        throw new CommandFailure('notFound', `${dataDir} holds no data of Berth: name the directory with --data-dir`);
      const progress = new ProgressLine(runtime, options.quiet === true);
      const counts = { damage: 0, incomplete: 0, waste: 0 };
      const findings = fsck({
        dataDir,
        uploadTtlMs: registry.uploadTtlMs,
        quick: options.quick === true,
        report: (now) => progress.show(now),
      });
      // A program reads an empty list, and people one sentence.
      const nothingToTell = () => options.output === 'table' && counts.damage + counts.incomplete + counts.waste === 0;
      await outputOf(runtime, options).until(nothingToTell).list(counted(findings, counts), columns, 'name');
      progress.end();
      if (counts.damage > 0) throw new CommandFailure('failure', `${counts.damage} damaged`);
      const harmless = counts.incomplete + counts.waste;
      if (!options.quiet) runtime.writeError(`berth: sound${harmless > 0 ? `; ${harmless} harmless` : ''}\n`);
    });
}

async function* counted(findings: AsyncIterable<Finding>, counts: Record<Finding['severity'], number>) {
  for await (const finding of findings) {
    counts[finding.severity]++;
    yield { ...finding };
  }
}

/** How far it is, on standard error: one line that changes on a terminal, else a line now and then. */
class ProgressLine {
  readonly #everyMs: number;
  #shownAt = clock.wall();

  constructor(
    private readonly runtime: Runtime,
    private readonly quiet: boolean,
  ) {
    this.#everyMs = runtime.terminal ? 200 : 10_000;
  }

  show({ kind, checked, total, bytes }: Progress): void {
    const now = clock.wall();
    if (this.quiet || now - this.#shownAt < this.#everyMs) return;
    this.#shownAt = now;
    const read = bytes > 0 ? `, ${bytesText(bytes)} read` : '';
    const text = `berth: ${checked} of ${total} ${kind}s${read}`;
    this.runtime.writeError(this.runtime.terminal ? `\r\u001b[K${text}` : `${text}\n`);
  }

  end(): void {
    if (this.runtime.terminal && !this.quiet) this.runtime.writeError('\r\u001b[K');
  }
}
