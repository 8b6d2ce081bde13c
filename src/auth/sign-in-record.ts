import { actorOf, currentOrigin } from '../access/origin.js';
import type { Audit } from '../audit/audit.js';
import type { Robots } from '../users/robots/robots.js';
import type { Users } from '../users/users.js';
import type { Authenticated } from './authenticated.js';

/** Hears how passwords and secrets fared. Must neither throw nor be waited for. */
export interface SignInEvents {
  /**
   * A client of the registry or of the API proved who it is.
   * @param clientId what a client with a refresh token calls itself
   */
  succeeded(who: Authenticated, address: string, clientId?: string): void;
  failed(name: string, address: string): void;
}

/** Writes it down: programs sign in with every pull, so both are counted by the hour. */
export class SignInRecord implements SignInEvents {
  constructor(
    private readonly audit: Pick<Audit, 'count'>,
    private readonly users: Pick<Users, 'find'>,
    private readonly robots: Pick<Robots, 'find'>,
  ) {}

  succeeded({ principal, credential }: Authenticated, address: string, clientId = ''): void {
    const origin = { ...currentOrigin(), address, actor: actorOf(principal) };
    const reference = clientId === '' ? credential.kind : `${credential.kind} ${clientId}`;
    this.audit.count('sign-in', principal.name, origin, { reference });
  }

  /**
   * A name is written down only if it is an account's: people type passwords there, and others make names up.
   * Looked up whichever it is, once the answer is on its way.
   */
  failed(name: string, address: string): void {
    const origin = { ...currentOrigin(), address, actor: 'anonymous' };
    const found = name.includes('+') ? this.robots.find(name) : this.users.find(name);
    const note = (known: string) => this.audit.count('sign-in-failed', known, origin);
    found.then(
      (account) => note(account === undefined ? '' : name),
      () => note(''), // the database is closing
    );
  }
}
