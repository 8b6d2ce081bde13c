import { actions } from '../../access/action.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { Grant } from '../../permissions/grant.js';
import { presentSubject } from '../permissions/present-subject.js';

/** The matrix of a repository: boxes for grants on its name, plain answers for grants on a prefix. */
export function presentGrantRows(grants: readonly Grant[], name: RepositoryName): object[] {
  return grants.map(({ id, subject, pattern, actions: granted }) => ({
    id,
    ...presentSubject(subject),
    pattern,
    own: pattern === String(name),
    cells: actions.map((action) => ({
      action,
      username: subject.name,
      field: `grant-${id}`,
      granted: granted.includes(action),
    })),
  }));
}
