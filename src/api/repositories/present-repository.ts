import type { Visibility } from '../../access/visibility.js';
import type { Repository } from '../../repositories/repository.js';

export interface PresentedRepository {
  readonly name: string;
  readonly description: string;
  readonly visibility: Visibility;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly pushedAt: Date | null;
}

export function presentRepository(repository: Repository): PresentedRepository {
  const { name, description, visibility, createdAt, updatedAt, pushedAt } = repository;
  return { name, description, visibility, createdAt, updatedAt, pushedAt };
}
