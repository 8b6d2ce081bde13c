import { rm } from 'node:fs/promises';
import type { DataDirectory } from '../data-directory/data-directory.js';
import { readSecretFile, writeSecretFile } from '../data-directory/secret-file.js';
import { StartupError } from '../data-directory/startup-error.js';
import { errorCode } from '../errors/error-code.js';
import type { Log } from '../logging/logger.js';
import type { PasswordHasher } from './password-hasher.js';
import type { Users } from './users.js';

/** What whoever starts Berth needs for the first sign-in. */
export interface FirstSignIn {
  readonly username: string;
  /** Of the start that generated it. */
  readonly generatedPassword?: string;
  /** The file in which a generated password stands until it is changed. */
  readonly passwordFile?: string;
}

/**
 * The first administrator. A generated password stands in `initial-password` of the data directory from before the account is
 * there until the password is changed, so that a start which dies, or whose output nobody sees, does not lose it.
 */
export class FirstAdmin {
  readonly #file: string;

  constructor(
    private readonly users: Users,
    private readonly hasher: Pick<PasswordHasher, 'verify'>,
    dataDirectory: Pick<DataDirectory, 'file'>,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.#file = dataDirectory.file('initial-password');
    users.onPasswordEnd(() => this.#passwordEnded());
  }

  /**
   * Makes the administrator of an empty installation. Undefined in any other, unless a generated password is still good.
   * Throws StartupError when that cannot be kept, or the operator's name or password is not acceptable.
   */
  async prepare(admin: { username: string; password?: string }): Promise<FirstSignIn | undefined> {
    const made = await this.users.createFirstAdmin(admin, (generated) => this.#keep(generated));
    if (made?.generatedPassword !== undefined) return { ...made, passwordFile: this.#file };
    return (await this.#waiting()) ?? made;
  }

  async #keep(generated: string): Promise<void> {
    try {
      await writeSecretFile(this.#file, `${generated}\n`);
    } catch (cause) {
      const reason = errorCode(cause) ?? String(cause);
      throw new StartupError(`The generated password cannot be kept in ${this.#file} (${reason}).`, { cause });
    }
  }

  /** Whose password the file holds. A file that opens nothing, of a crash or a backup, is removed. */
  async #waiting(): Promise<FirstSignIn | undefined> {
    const password = readSecretFile(this.#file)?.trim();
    if (password === undefined) return undefined;
    const oldest = await this.users.findOldest();
    if (oldest !== undefined && (await this.#opens(password, oldest.passwordHash)))
      return { username: oldest.user.username, passwordFile: this.#file };
    await rm(this.#file, { force: true });
    return undefined;
  }

  #opens(password: string, hash: string): Promise<boolean> {
    return this.hasher.verify(password, hash, { lane: 'signed-in', owner: 'first administrator' });
  }

  /** The change is made; a file that cannot be looked at now is looked at by the next start. */
  async #passwordEnded(): Promise<void> {
    try {
      await this.#waiting();
    } catch (error) {
      this.log.warn({ error, file: this.#file }, 'an initial password that was changed may still be in its file');
    }
  }
}
