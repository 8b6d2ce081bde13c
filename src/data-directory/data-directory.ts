import { hkdfSync } from 'node:crypto';
import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../errors/error-code.js';
import { dropJournal } from './left-journals.js';
import { takeLock } from './lock-file.js';
import { checkOwnFiles } from './own-files.js';
import { readOrCreateSecret } from './secret-file.js';
import { DirectoryInUse, StartupError } from './startup-error.js';

/** Where everything Berth keeps lives. One process at a time holds it open. */
export class DataDirectory {
  private constructor(
    /** Absolute, without a link in it. */
    readonly path: string,
    /** At least 32 bytes; everything that needs a key derives its own with {@link deriveKey}. */
    readonly secret: Buffer,
    private readonly lock: { release(): void },
  ) {}

  /**
   * Creates the directory (mode 0700) when it is absent, takes its lock and reads or creates its secret. A link to it is followed
   * now, once.
   * @param warn told in a sentence what should not be so, and does not stop the start
   * @throws StartupError when it cannot be written, others can write it, another Berth has it, or the key file is unusable
   */
  static async open(
    config: { readonly dataDir: string; readonly secretKey?: string },
    warn: (sentence: string) => void = () => undefined,
  ): Promise<DataDirectory> {
    let path = config.dataDir;
    try {
      await makeDirectory(path);
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
      path = await realpath(path);
      const shared = checkOwnFiles(path);
      if (shared.length > 0) warn(`whoever is of their group can change ${shared.join(', ')}`);
      dropJournal(path, 'berth.lock');
      const lock = takeLock(join(path, 'berth.lock'));
      if (!lock) throw new DirectoryInUse(path);
      try {
        dropJournal(path, 'berth.db');
        const key = config.secretKey;
        const secret = key === undefined ? await readOrCreateSecret(join(path, 'secret.key')) : Buffer.from(key);
        return new DataDirectory(path, secret, lock);
      } catch (error) {
        lock.release();
        throw error;
      }
    } catch (error) {
      if (error instanceof StartupError || errorCode(error) === undefined) throw error;
      throw new StartupError(`The data directory ${path} cannot be used: ${describeFault(error)}.`, { cause: error });
    }
  }

  /** The absolute path of something below the directory. */
  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** 32 bytes for one purpose (HKDF-SHA256); the same for the same secret, unrelated for any other purpose. */
  deriveKey(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.secret, '', `berth/${purpose}`, 32));
  }

  /** Frees the directory for the next process. */
  async close(): Promise<void> {
    this.lock.release();
  }
}

/** Like `mkdir -p`, mode 0700. Node's own recursive mkdir never returns where a file system takes no directories (/proc). */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

const faults: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'its file system is read-only'],
  ['ENOENT', 'it cannot be created there'],
  ['ENOSPC', 'its disk is full'],
  ['EDQUOT', 'its quota is used up'],
  ['EEXIST', 'it is not a directory'],
  ['ELOOP', 'it leads through a link to itself'],
  ['ENOTDIR', 'it is not a directory'],
  ['SQLITE_CANTOPEN', 'permission denied'],
  ['SQLITE_READONLY', 'permission denied'],
  ['SQLITE_FULL', 'its disk is full'],
  ['SQLITE_NOTADB', 'its file berth.lock is damaged and can be removed'],
]);

function describeFault(error: unknown): string {
  return faults.get(errorCode(error) ?? '') ?? String(errorCode(error));
}
