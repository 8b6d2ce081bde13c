import type { Repository } from '../../repositories/repository.js';

export type PresentedRepository = Pick<
  Repository,
  'name' | 'description' | 'visibility' | 'createdAt' | 'updatedAt' | 'pushedAt'
>;

export function presentRepository(repository: Repository): PresentedRepository {
  const { name, description, visibility, createdAt, updatedAt, pushedAt } = repository;
  return { name, description, visibility, createdAt, updatedAt, pushedAt };
}
