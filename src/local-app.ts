import 'reflect-metadata';
import { createApp } from './app.js';
import { ConfigError } from './config/config-error.js';
import { type LoadInput, loadConfig } from './config/load.js';
import { DirectoryInUse, StartupError } from './data-directory/startup-error.js';
import { Log } from './logging/logger.js';

/** A data directory held by this process, with its REST API on a socket file; or why there is none, in one sentence. */
export type LocalApp =
  | { readonly socket: string; close(): Promise<void> }
  | { readonly refused: string; readonly inUse: boolean };

/**
 * What the `berth` command does when no server runs: it takes the data directory itself. Classes of this program are not
 * those of the one that loads it, so what went wrong is told by a value and not thrown.
 * @param options `adopts`: a database that is gone is made anew, for a command that fills it from the files
 */
export async function openLocalApp(input: LoadInput, { adopts = false } = {}): Promise<LocalApp> {
  process.umask(0o077);
  try {
    const loaded = await loadConfig(input);
    const log = Log.open({ level: 'fatal', format: 'json' }, process.stderr);
    const app = await createApp(loaded, log, { serve: 'commands', adopts });
    const close = () => app.close(5_000);
    if (app.socket !== undefined) return { socket: app.socket, close };
    await close();
    return { refused: `No socket can be made in the data directory ${loaded.config.dataDir}.`, inUse: false };
  } catch (error) {
    if (!(error instanceof StartupError || error instanceof ConfigError)) throw error;
    return { refused: error.message, inUse: error instanceof DirectoryInUse };
  }
}
