import type { Robots } from '../users/robots/robots.js';
import type { Users } from '../users/users.js';

/** Accounts that were disabled or went: whatever an account has begun ends with it. */
export class EndedAccounts {
  constructor(
    private readonly users: Pick<Users, 'findById'>,
    private readonly robots: Pick<Robots, 'findById'>,
  ) {}

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
}
