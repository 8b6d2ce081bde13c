import { Failure } from '../../errors/failure.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import type { Repositories } from '../../repositories/repositories.js';
import type { Repository } from '../../repositories/repository.js';

/**
 * The repository that a route's parameter names. A list of something that is not there is not an empty list, and managing a pattern
 * says nothing of what exists. Throws NAME_INVALID, and NOT_FOUND, which is not the registry's NAME_UNKNOWN.
 */
export async function existingRepository(repositories: Repositories, name: string): Promise<Repository> {
  const repository = await repositories.find(parseRepositoryName(name));
  if (repository === undefined) throw new Failure('NOT_FOUND');
  return repository;
}
