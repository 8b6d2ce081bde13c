import { userIdOf } from '../access/principal.js';
import type { Condition } from '../database/condition.js';
import type { RepositoryName } from '../oci/repository-name.js';
import type { Repositories, RepositoryGuard, RepositorySettings } from '../repositories/repositories.js';
import type { NewRepository } from '../repositories/repositories.store.js';
import type { Repository } from '../repositories/repository.js';
import type { Asker } from './asker.js';
import type { Managing } from './managing.js';

/** The repositories as one asker may make, change and remove them, asked in the transaction that does it. */
export class ManagedRepositories {
  readonly #manages: RepositoryGuard;

  constructor(
    private readonly by: Asker,
    private readonly repositories: Repositories,
    private readonly managing: Managing,
  ) {
    this.#manages = (name) => managing.require('manage', name);
  }

  /**
   * Creates one that the asker owns. Whoever may push to the name may make it private, as a push would; only who manages it may open it
   * to more. Throws DENIED, REPOSITORY_EXISTS, VALIDATION_FAILED.
   */
  create(repository: Omit<NewRepository, 'ownerId'>): Promise<Repository> {
    const needed = repository.visibility === 'private' ? 'push' : 'manage';
    const owned = { ...repository, ownerId: userIdOf(this.by.principal) };
    return this.repositories.create(owned, (name) => this.managing.require(needed, name));
  }

  /** Throws DENIED, NAME_UNKNOWN. */
  update(name: RepositoryName, settings: RepositorySettings): Promise<Repository> {
    return this.repositories.update(name, settings, this.#manages);
  }

  /**
   * Gives it another name, which its grants follow, and perhaps other settings. Both names have to be managed, because patterns
   * give rights by name. Throws DENIED, NAME_UNKNOWN, REPOSITORY_EXISTS, and what the condition throws.
   */
  rename(
    from: RepositoryName,
    to: RepositoryName,
    settings: RepositorySettings,
    condition?: Condition<Repository>,
  ): Promise<Repository> {
    return this.repositories.rename(from, to, settings, this.#manages, condition);
  }

  /** Removes it with everything in it, and ends the grants of exactly this name. Throws DENIED, NAME_UNKNOWN, and what the condition throws. */
  remove(name: RepositoryName, condition?: Condition<Repository>): Promise<void> {
    return this.repositories.remove(name, this.#manages, condition);
  }
}
