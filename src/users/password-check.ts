import { createHmac, randomBytes } from 'node:crypto';
import { clock } from '../async/clock.js';
import type { PasswordHasher, Waiting } from './password-hasher.js';
import { maxPasswordLength } from './password-policy.js';
import type { User } from './user.js';
import type { Users } from './users.js';

/** A hash of nothing anybody knows, of the same cost as real ones. */
const nobodysHash = '$2b$11$dPO5F6qOChCgMzsevurX2.Y079gQ6vkThwLJC18kJC8A61/X6lzZa';
/** Milliseconds for which a success is remembered. */
const rememberedFor = 60_000;
/** Successes remembered at once. */
const limit = 4096;

interface NameAndPassword {
  readonly username: string;
  readonly password: string;
}

interface Success {
  readonly userId: number;
  readonly credentialVersion: number;
  readonly until: number;
}

/**
 * Whether a name and a password belong together. Unknown, disabled and mistaken get the same answer after the same work: one bcrypt comparison.
 * A success is remembered for a minute, as an HMAC under a key of this process, so that a pull of ten layers is not ten comparisons;
 * any change of the account's credentials ends that at once.
 */
export class PasswordCheck {
  readonly #key = randomBytes(32);
  readonly #successes = new Map<string, Success>();
  readonly #running = new Map<string, Promise<User | undefined>>();

  constructor(
    private readonly users: Users,
    private readonly hasher: PasswordHasher,
  ) {}

  /** Throws TOO_MANY_REQUESTS when too many comparisons wait, and what `waiting` throws when it is its turn. */
  async check(username: string, password: string, waiting: Waiting): Promise<User | undefined> {
    if (password.length > maxPasswordLength) return undefined;
    const attempt = createHmac('sha256', this.#key)
      .update(`${username.length}:${username}${password}`)
      .digest('base64');
    return (await this.#remembered(attempt)) ?? this.#compareOnce(attempt, { username, password }, waiting);
  }

  async #remembered(attempt: string): Promise<User | undefined> {
    const success = this.#successes.get(attempt);
    if (success === undefined) return undefined;
    const user = await this.users.findById(success.userId);
    if (clock.steady() < success.until && user?.enabled && user.credentialVersion === success.credentialVersion)
      return user;
    this.#successes.delete(attempt);
    return undefined;
  }

  /** A client that opens ten connections with one password at once waits for one comparison; another place waits for its own turn. */
  #compareOnce(attempt: string, given: NameAndPassword, waiting: Waiting): Promise<User | undefined> {
    const key = `${attempt} ${waiting.lane} ${waiting.owner}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const comparison = this.#compare(attempt, given, waiting).finally(() => this.#running.delete(key));
    this.#running.set(key, comparison);
    return comparison;
  }

  async #compare(attempt: string, given: NameAndPassword, waiting: Waiting): Promise<User | undefined> {
    const found = await this.users.findCredentials(given.username);
    const account = found?.user.enabled ? found : undefined;
    const right = await this.hasher.verify(given.password, account?.passwordHash ?? nobodysHash, waiting);
    if (!right || account === undefined) return undefined;
    this.#remember(attempt, account.user);
    return this.#remembered(attempt); // as the account is by now: it may have waited for seconds
  }

  #remember(attempt: string, { id: userId, credentialVersion }: User): void {
    for (const oldest of this.#successes.keys()) {
      if (this.#successes.size < limit) break;
      this.#successes.delete(oldest);
    }
    this.#successes.set(attempt, { userId, credentialVersion, until: clock.steady() + rememberedFor });
  }
}
