import type { Robots } from '../users/robots/robots.js';
import type { Users } from '../users/users.js';

/** Accounts that were disabled or went: whatever an account has begun ends with it. */
export class EndedAccounts {
  readonly #listeners: ((subject: string) => void)[] = [];

  /** @param failed hears why an account could not be looked up */
  constructor(
    private readonly users: Pick<Users, 'findById' | 'onChange'>,
    private readonly robots: Pick<Robots, 'findById' | 'onChange'>,
    private readonly failed: (error: unknown) => void,
  ) {
    users.onChange((id) => this.#lookAt(`user:${id}`));
    robots.onChange((id) => this.#lookAt(`robot:${id}`));
  }

  /** Hears the subject, `user:7` or `robot:3`, of each account that ends. */
  onEnd(listener: (subject: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Whether the account is disabled or not there any more. */
  async has(subject: string): Promise<boolean> {
    const account = await this.find(subject);
    return account === undefined || !account.enabled;
  }

  /** The account behind a subject. */
  async find(subject: string): Promise<{ readonly name: string; readonly enabled: boolean } | undefined> {
    const [kind, id] = subject.split(':');
    if (kind === 'robot') return this.robots.findById(Number(id));
    const user = await this.users.findById(Number(id));
    return user && { name: user.username, enabled: user.enabled };
  }

  #lookAt(subject: string): void {
    this.has(subject).then((ended) => {
      if (ended) for (const listener of this.#listeners) listener(subject);
    }, this.failed);
  }
}
