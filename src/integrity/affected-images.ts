import type { Inspection, InspectionQuery } from '../database/inspection.js';

/** Most images named for one finding. */
const mostNamed = 20;

/** Manifests by a first set and, of the same repository, the indexes above them. */
const named = (first: string) => `WITH RECURSIVE affected(id) AS (
    ${first}
    UNION
    SELECT u.manifest_id FROM affected a
    JOIN manifests child ON child.id = a.id
    JOIN manifest_references u ON u.digest = child.digest
    JOIN manifests parent ON parent.id = u.manifest_id AND parent.repository_id = child.repository_id)
  SELECT r.name AS repository, m.digest, t.name AS tag
  FROM affected a JOIN manifests m ON m.id = a.id JOIN repositories r ON r.id = m.repository_id
  LEFT JOIN tags t ON t.manifest_id = m.id
  ORDER BY r.name, t.name IS NULL, t.name, m.digest LIMIT ${mostNamed}`;

interface Row {
  readonly repository: string;
  readonly digest: string;
  readonly tag: string | null;
}

/** Which images suffer from a fault, as people name them. */
export class AffectedImages {
  readonly #byContent: InspectionQuery<Row>;
  readonly #byManifest: InspectionQuery<Row>;

  constructor(inspection: Inspection) {
    this.#byContent = inspection.prepare(named('SELECT manifest_id FROM manifest_references WHERE digest = ?'));
    this.#byManifest = inspection.prepare(named('SELECT id FROM manifests WHERE id = ?'));
  }

  /** Those that need this blob. */
  ofBlob(digest: string): string[] {
    return this.#byContent.all(digest).map(nameOf);
  }

  /** The manifest with this row id, and the indexes that name it. */
  ofManifest(id: number): string[] {
    return this.#byManifest.all(id).map(nameOf);
  }
}

function nameOf({ repository, digest, tag }: Row): string {
  return tag === null ? `${repository}@${digest}` : `${repository}:${tag}`;
}
