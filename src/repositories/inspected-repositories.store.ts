import type { Inspection, InspectionQuery } from '../database/inspection.js';
import type { RepositoryName } from '../oci/repository-name.js';

export interface InspectedRepository {
  readonly id: number;
  readonly name: RepositoryName;
}

const byName = 'SELECT id FROM repositories WHERE name = ?';
const namedAfter = 'SELECT id, name FROM repositories WHERE name > ? ORDER BY name LIMIT ?';
/** For the test that looks at plans. */
export const inspectedRepositoryQueries = [byName, namedAfter];

/** The rows of repositories, for threads and programs that read the database on a connection of their own. */
export class InspectedRepositories {
  readonly #byName: InspectionQuery<Pick<InspectedRepository, 'id'>>;
  readonly #namedAfter: InspectionQuery<InspectedRepository>;

  constructor(inspection: Inspection) {
    this.#byName = inspection.prepare(byName);
    this.#namedAfter = inspection.prepare(namedAfter);
  }

  findId(name: RepositoryName): number | undefined {
    return this.#byName.first(name)?.id;
  }

  /** Those behind the name `last`, in byte order. */
  namedAfter(last: string, limit: number): InspectedRepository[] {
    return this.#namedAfter.all(last, limit);
  }
}
