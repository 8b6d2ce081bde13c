import { Failure } from '../errors/failure.js';
import type { Repositories } from '../repositories/repositories.js';
import type { Robots } from '../users/robots/robots.js';
import type { AccessTokens } from '../users/tokens/access-tokens.js';
import type { Users } from '../users/users.js';
import type { Asker } from './asker.js';
import type { Grants } from './grants.js';
import { ManagedGrants } from './managed-grants.js';
import { ManagedRepositories } from './managed-repositories.js';
import { ManagedRobots } from './managed-robots.js';
import { ManagedTokens, type TokenAsker } from './managed-tokens.js';
import type { Permissions } from './permissions.js';
import { UnknownNames } from './unknown-names.js';

/** What is managed. */
interface Parts {
  readonly permissions: Permissions;
  readonly grants: Grants;
  readonly repositories: Repositories;
  readonly robots: Robots;
  readonly tokens: AccessTokens;
  readonly users: Users;
}

/**
 * What accounts may do to grants, repositories, robots and access tokens: one class for each, of one asker. REST, the pages and the
 * `berth` command change these by nothing else. Each asks in the transaction that makes the change, past everything remembered.
 */
export class Management {
  readonly #unknownNames = new UnknownNames();

  constructor(private readonly parts: Parts) {}

  /** The grants as this asker may see and change them. */
  grants(by: Asker): ManagedGrants {
    const { permissions, grants } = this.parts;
    return new ManagedGrants(by, permissions.managing(by), grants, permissions, this.#unknownNames);
  }

  /** The repositories as this asker may create, change and remove them. */
  repositories(by: Asker): ManagedRepositories {
    return new ManagedRepositories(by, this.parts.repositories, this.parts.permissions.managing(by));
  }

  /** The robots as this asker may see and change them. */
  robots(by: Asker): ManagedRobots {
    return new ManagedRobots(this.parts.robots, this.parts.permissions.managing(by));
  }

  /** The access tokens as this asker may see and change them. */
  tokens(by: TokenAsker): ManagedTokens {
    const { permissions, tokens, users } = this.parts;
    return new ManagedTokens(by, permissions.managing(by), tokens, users);
  }

  /** For what goes on long after the request. Throws DENIED unless the asker's account is an administrator still. */
  async requireStillAdministrator(by: Asker): Promise<void> {
    if ((await this.parts.permissions.managing(by).limited()) !== undefined)
      throw new Failure('DENIED', { message: 'whoever began this is no administrator any more' });
  }
}
