import type { Request } from 'express';
import type { Action } from '../../access/action.js';
import type { Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import { requestOrigin } from '../../http/request-origin.js';
import { requestAsker } from '../../http/session/signed-in.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { Permissions } from '../../permissions/permissions.js';
import type { Repositories } from '../../repositories/repositories.js';
import type { Repository } from '../../repositories/repository.js';
import { repositoryOf } from '../navigation/urls.js';

/** The repository that a page's address names, with what the asker may do there. */
export interface ShownRepository {
  readonly name: RepositoryName;
  readonly repository: Repository;
  /** Without `delete` where the registry deletes nothing. */
  readonly allowed: ReadonlySet<Action>;
  /** Whether the registry deletes anything at all. */
  readonly deletes: boolean;
  /** `scheme://host[:port]` for the commands on the page. */
  readonly origin: string;
}

/** Finds what the pages of a repository have in common. The guard has asked whether it may be seen. */
export class ShownRepositories {
  constructor(
    private readonly repositories: Repositories,
    private readonly permissions: Permissions,
    private readonly config: Config,
  ) {}

  /** Throws NOT_FOUND: a grant may cover names that nobody has pushed to. */
  async find(request: Request): Promise<ShownRepository> {
    const name = repositoryOf(request);
    const repository = await this.repositories.find(name);
    if (repository === undefined) throw new Failure('NOT_FOUND');
    const { principal, narrowedTo } = requestAsker(request);
    const granted = await this.permissions.allowedActions(principal, name, narrowedTo);
    const { deleteEnabled: deletes } = this.config.registry;
    const allowed = new Set([...granted].filter((action) => action !== 'delete' || deletes));
    return { name, repository, allowed, deletes, origin: requestOrigin(request, this.config) };
  }
}
