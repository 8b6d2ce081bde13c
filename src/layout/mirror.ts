import { join } from 'node:path';
import type { Inspection, InspectionQuery } from '../database/inspection.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { isTag, type Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { layoutPaths, linkFile, repositoriesFolder } from './layout-tree.js';
import type { LookAt } from './look-at.js';
import { LeadsElsewhere, type MirrorFiles } from './mirror-files.js';

/** How much was brought into the layout. */
export interface Mirrored {
  repositories: number;
  manifests: number;
  tags: number;
  links: number;
}

/** Something that could not be, and why; the rest goes on. */
export interface MirrorProblem {
  readonly path: string;
  readonly reason: string;
}

interface ManifestRow {
  readonly id: number;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** Rows read, and synced to the disk, at a time. Manifests are read with their bytes, at most 4 MiB each. */
const pageSize = 100;
const manifestsAtATime = 20;

/**
 * Writes the index into CNCF Distribution's layout. A change says only what to look at: what is written is how that is now, so doing
 * it twice, or after a kill again from the beginning, ends the same. It removes what was recorded as gone and nothing else: what it
 * finds on the disk without knowing it may be another registry's, still to be adopted.
 */
export class Mirror {
  readonly #repository: InspectionQuery<{ id: number }>;
  readonly #repositories: InspectionQuery<{ id: number; name: RepositoryName }>;
  readonly #manifest: InspectionQuery<ManifestRow>;
  readonly #manifests: InspectionQuery<ManifestRow>;
  readonly #needs: InspectionQuery<{ digest: Digest }>;
  readonly #link: InspectionQuery<object>;
  readonly #links: InspectionQuery<{ digest: Digest }>;
  readonly #tag: InspectionQuery<{ digest: Digest }>;
  readonly #tags: InspectionQuery<{ name: Tag; digest: Digest }>;

  constructor(
    inspection: Inspection,
    private readonly files: MirrorFiles,
    private readonly tell: (problem: MirrorProblem) => void,
    /** Otherwise it only removes what is gone. */
    private readonly writes = true,
  ) {
    const query = <Row>(sql: string): InspectionQuery<Row> => inspection.prepare<Row>(sql);
    this.#repository = query(mirrorQueries.repository);
    this.#repositories = query(mirrorQueries.repositories);
    this.#manifest = query(mirrorQueries.manifest);
    this.#manifests = query(mirrorQueries.manifests);
    this.#needs = query(mirrorQueries.needs);
    this.#link = query(mirrorQueries.link);
    this.#links = query(mirrorQueries.links);
    this.#tag = query(mirrorQueries.tag);
    this.#tags = query(mirrorQueries.tags);
  }

  /** Looks at these, and returns when how they are now is durable in the layout. */
  follow(changed: readonly LookAt[]): void {
    for (const one of changed) this.#look(one);
    this.files.sync();
  }

  /** Writes everything there is; yields from time to time how much that was. */
  *everything(): Generator<Mirrored> {
    const sum: Mirrored = { repositories: 0, manifests: 0, tags: 0, links: 0 };
    for (
      let page = this.#repositories.all('');
      page.length > 0;
      page = this.#repositories.all(page.at(-1)?.name ?? '')
    ) {
      for (const { id, name } of page) {
        yield* this.#whole(id, name, sum);
        sum.repositories++;
      }
      yield sum;
    }
    this.files.sync();
    yield sum;
  }

  #look({ repository, names }: LookAt): void {
    if (repository === undefined) {
      if (this.writes) for (const _ of this.everything());
      return;
    }
    this.#guarded(repository, () => {
      const id = this.#repository.first(repository)?.id;
      if (names === 'gone' || id === undefined) this.#clear(repository);
      if (id === undefined) return;
      if (names === 'all' || names === 'gone') {
        if (!this.writes) return;
        for (const _ of this.#whole(id, repository, { repositories: 0, manifests: 0, tags: 0, links: 0 }));
        return;
      }
      for (const name of names) {
        if (isDigest(name)) this.#digest(id, repository, name);
        else if (isTag(name)) this.#followTag(id, repository, name);
      }
    });
  }

  *#whole(id: number, name: RepositoryName, sum: Mirrored): Generator<Mirrored> {
    const manifests = pages(this.#manifests, id, ({ digest }) => digest);
    for (const page of manifests) {
      for (const row of page) this.#guarded(name, () => this.#writeManifest(id, name, row));
      this.files.sync();
      sum.manifests += page.length;
      yield sum;
    }
    for (const page of pages(this.#tags, id, (row) => row.name)) {
      for (const tag of page) this.#guarded(name, () => this.#writeTag(name, tag.name, tag.digest));
      this.files.sync();
      sum.tags += page.length;
      yield sum;
    }
    for (const page of pages(this.#links, id, ({ digest }) => digest)) {
      for (const { digest } of page)
        this.#guarded(name, () => this.#writeLink(layoutPaths.layer(name, digest), digest));
      this.files.sync();
      sum.links += page.length;
      yield sum;
    }
  }

  /** A digest may be a manifest, a blob, or both. */
  #digest(id: number, name: RepositoryName, digest: Digest): void {
    const manifest = this.#manifest.first(id, digest);
    if (!manifest) this.files.remove(layoutPaths.revision(name, digest));
    else if (this.writes) this.#writeManifest(id, name, manifest);
    if (this.#link.first(id, digest) === undefined) this.files.remove(layoutPaths.layer(name, digest));
    else if (this.writes) this.#writeLink(layoutPaths.layer(name, digest), digest);
  }

  #followTag(id: number, name: RepositoryName, tag: Tag): void {
    const target = this.#tag.first(id, tag);
    if (!target) this.files.remove(layoutPaths.tag(name, tag));
    else if (this.writes) this.#writeTag(name, tag, target.digest);
  }

  /** What it needs before itself, as a push does. */
  #writeManifest(id: number, name: RepositoryName, { id: manifestId, digest, bytes }: ManifestRow): void {
    for (const need of this.#needs.all(id, manifestId))
      this.#writeLink(layoutPaths.layer(name, need.digest), need.digest);
    this.files.write(layoutPaths.content(digest), bytes);
    this.#writeLink(layoutPaths.revision(name, digest), digest);
  }

  #writeTag(name: RepositoryName, tag: Tag, digest: Digest): void {
    this.#writeLink(layoutPaths.indexOf(name, tag, digest), digest);
    this.#writeLink(layoutPaths.currentOf(name, tag), digest);
  }

  #writeLink(folder: string, digest: Digest): void {
    this.files.write(join(folder, linkFile), digest);
  }

  /** Its own folders, not those of the repositories whose names begin with its own. */
  #clear(name: RepositoryName): void {
    this.files.remove(layoutPaths.manifests(name));
    this.files.remove(layoutPaths.layers(name));
    this.files.removeEmpty(join(repositoriesFolder, name), repositoriesFolder);
  }

  #guarded(name: RepositoryName, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LeadsElsewhere)) throw error;
      this.tell({ path: name, reason: error.message });
    }
  }
}

/** For the test that looks at plans. */
export const mirrorQueries = {
  repository: 'SELECT id FROM repositories WHERE name = ?',
  repositories: `SELECT id, name FROM repositories WHERE name > ? ORDER BY name LIMIT ${pageSize}`,
  manifest: 'SELECT id, digest, bytes FROM manifests WHERE repository_id = ? AND digest = ?',
  manifests: `SELECT id, digest, bytes FROM manifests WHERE repository_id = ? AND digest > ?
    ORDER BY digest LIMIT ${manifestsAtATime}`,
  needs: `SELECT u.digest FROM blob_links l JOIN manifest_references u ON u.digest = l.digest
    WHERE l.repository_id = ? AND u.manifest_id = ?`,
  link: 'SELECT 1 FROM blob_links WHERE repository_id = ? AND digest = ?',
  links: `SELECT digest FROM blob_links WHERE repository_id = ? AND digest > ? ORDER BY digest LIMIT ${pageSize}`,
  tag: `SELECT m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = ? AND t.name = ?`,
  tags: `SELECT t.name, m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id
    WHERE t.repository_id = ? AND t.name > ? ORDER BY t.name LIMIT ${pageSize}`,
};

function* pages<Row>(query: InspectionQuery<Row>, id: number, place: (row: Row) => string): Generator<Row[]> {
  let last = '';
  for (let page = query.all(id, last); page.length > 0; page = query.all(id, last)) {
    yield page;
    const end = page.at(-1);
    if (end !== undefined) last = place(end);
  }
}
