import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../data-directory/startup-error.js';
import { errorCode } from '../errors/error-code.js';

const probe = '.one-file-system';

/**
 * Moves an empty file from one directory to the other, as every push will move its bytes. Device numbers would not tell: a bind
 * mount has that of its source. Throws StartupError when it is not possible; any other trouble is told by the push that meets it.
 */
export async function requireOneFileSystem(dataDir: string, from: string, to: string): Promise<void> {
  try {
    for (const directory of [from, to]) await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const directory of [from, to]) await rm(join(directory, probe), { recursive: true, force: true });
    await writeFile(join(from, probe), '', { flag: 'wx' });
    await rename(join(from, probe), join(to, probe));
    await rm(join(to, probe));
  } catch (error) {
    await rm(join(from, probe), { force: true }).catch(() => undefined);
    if (errorCode(error) !== 'EXDEV') return;
    throw new StartupError(
      `The data directory ${dataDir} has to be one file system, without mounts below it: ${from} cannot be moved into ${to}.`,
      { cause: error },
    );
  }
}
