import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readPlainFile, UnusableFile } from '../config/plain-file.js';
import { errorCode } from '../errors/error-code.js';
import { StartupError } from './startup-error.js';

const secretBytes = 32;

/**
 * The 32 bytes of the key file, which is created durably, with mode 0600, when there is none.
 * @throws StartupError when the file is damaged or others may read it: a new key would silently end every session and
 *   make what is encrypted unreadable, so that is for the operator to decide
 */
export async function readOrCreateSecret(file: string): Promise<Buffer> {
  const text = readSecretFile(file);
  if (text === undefined) return createSecret(file);
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length !== secretBytes || secret.toString('base64') !== text.trim()) {
    throw new StartupError(
      `The key file ${file} is damaged; put it back from a backup, or remove it to sign everybody out and start with a new one.`,
    );
  }
  return secret;
}

async function createSecret(file: string): Promise<Buffer> {
  const secret = randomBytes(secretBytes);
  await writeSecretFile(file, `${secret.toString('base64')}\n`);
  return secret;
}

/**
 * The text of one of Berth's own secret files; undefined when there is none.
 * @throws StartupError when it is no file of its own (docs/adr/0017), or others may read it
 */
export function readSecretFile(file: string): string | undefined {
  try {
    return readPlainFile(file, { secret: true, own: true });
  } catch (error) {
    if (error instanceof UnusableFile)
      throw new StartupError(`The file ${file} cannot be used: ${error.message}.`, { cause: error });
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes or replaces the file durably, mode 0600. Whatever has its name or that of its temporary file is not followed. */
export async function writeSecretFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { recursive: true, force: true }); // of a crash, or somebody's link
  await synced(await open(temporary, 'wx', 0o600), (handle) => handle.writeFile(text));
  await rename(temporary, file);
  await synced(await open(dirname(file), 'r'), () => Promise.resolve());
}

async function synced(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
