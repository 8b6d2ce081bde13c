import { join } from 'node:path';
import type { Inspection } from '../database/inspection.js';
import { InspectedImages, type InspectedManifest } from '../images/inspected-images.store.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { isTag, type Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { InspectedRepositories } from '../repositories/inspected-repositories.store.js';
import { layoutPaths, linkFile, repositoriesFolder } from './layout-tree.js';
import { type LookAt, together } from './look-at.js';
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

/** Rows read, and synced to the disk, at a time. Manifests are read with their bytes, at most 4 MiB each. */
const pageSize = 100;
const manifestsAtATime = 20;

/**
 * Writes the index into CNCF Distribution's layout. A change says only what to look at: what is written is how that is now, so doing
 * it twice, or after a kill again from the beginning, ends the same. It removes what was recorded as gone and nothing else: what it
 * finds on the disk without knowing it may be another registry's, still to be adopted.
 */
export class Mirror {
  readonly #repositories: InspectedRepositories;
  readonly #images: InspectedImages;

  constructor(
    inspection: Inspection,
    private readonly files: MirrorFiles,
    private readonly tell: (problem: MirrorProblem) => void,
    /** Otherwise it only removes what is gone. */
    private readonly writes = true,
  ) {
    this.#repositories = new InspectedRepositories(inspection);
    this.#images = new InspectedImages(inspection);
  }

  /** Looks at these, each repository once; yields from time to time, and at its end how they are now is durable in the layout. */
  *follow(changed: readonly LookAt[]): Generator<void> {
    for (const one of together(changed)) yield* this.#look(one);
    this.files.sync();
  }

  /** Writes everything there is; yields from time to time how much that was. */
  *everything(): Generator<Mirrored> {
    const sum: Mirrored = { repositories: 0, manifests: 0, tags: 0, links: 0 };
    const repositories = (last: string) => this.#repositories.namedAfter(last, pageSize);
    for (const page of pages(repositories, (row) => row.name)) {
      for (const { id, name } of page) {
        yield* this.#whole(id, name, sum);
        sum.repositories++;
      }
      yield sum;
    }
    this.files.sync();
    yield sum;
  }

  *#look({ repository, names }: LookAt): Generator<void> {
    if (repository === undefined) {
      if (this.writes) for (const _ of this.everything()) yield;
      return;
    }
    const id = this.#repositories.findId(repository);
    if (names === 'gone' || id === undefined) this.#guarded(repository, () => this.#clear(repository));
    if (id === undefined) return;
    if (names === 'all' || names === 'gone') {
      if (!this.writes) return;
      const sum = { repositories: 0, manifests: 0, tags: 0, links: 0 };
      for (const _ of this.#whole(id, repository, sum)) yield;
      return;
    }
    for (const name of names) this.#guarded(repository, () => this.#name(id, repository, name));
    yield;
  }

  #name(id: number, repository: RepositoryName, name: Digest | Tag): void {
    if (isDigest(name)) this.#digest(id, repository, name);
    else if (isTag(name)) this.#followTag(id, repository, name);
  }

  *#whole(id: number, name: RepositoryName, sum: Mirrored): Generator<Mirrored> {
    const manifests = (last: string) => this.#images.manifestsAfter(id, last, manifestsAtATime);
    for (const page of pages(manifests, ({ digest }) => digest)) {
      for (const row of page) this.#guarded(name, () => this.#writeManifest(id, name, row));
      this.files.sync();
      sum.manifests += page.length;
      yield sum;
    }
    const tags = (last: string) => this.#images.tagsAfter(id, last, pageSize);
    for (const page of pages(tags, (row) => row.name)) {
      for (const tag of page) this.#guarded(name, () => this.#writeTag(name, tag.name, tag.digest));
      this.files.sync();
      sum.tags += page.length;
      yield sum;
    }
    const links = (last: string) => this.#images.linksAfter(id, last, pageSize);
    for (const page of pages(links, ({ digest }) => digest)) {
      for (const { digest } of page)
        this.#guarded(name, () => this.#writeLink(layoutPaths.layer(name, digest), digest));
      this.files.sync();
      sum.links += page.length;
      yield sum;
    }
  }

  /** A digest may be a manifest, a blob, or both. */
  #digest(id: number, name: RepositoryName, digest: Digest): void {
    const manifest = this.#images.findManifest(id, digest);
    if (!manifest) this.files.remove(layoutPaths.revision(name, digest));
    else if (this.writes) this.#writeManifest(id, name, manifest);
    if (!this.#images.hasLink(id, digest)) this.files.remove(layoutPaths.layer(name, digest));
    else if (this.writes) this.#writeLink(layoutPaths.layer(name, digest), digest);
  }

  #followTag(id: number, name: RepositoryName, tag: Tag): void {
    const digest = this.#images.findTag(id, tag);
    if (digest === undefined) this.files.remove(layoutPaths.tag(name, tag));
    else if (this.writes) this.#writeTag(name, tag, digest);
  }

  /** What it needs before itself, as a push does. */
  #writeManifest(id: number, name: RepositoryName, { id: manifestId, digest, bytes }: InspectedManifest): void {
    for (const need of this.#images.linkedReferences(id, manifestId))
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

function* pages<Row>(behind: (last: string) => Row[], place: (row: Row) => string): Generator<Row[]> {
  let last = '';
  for (let page = behind(last); page.length > 0; page = behind(last)) {
    yield page;
    const end = page.at(-1);
    if (end !== undefined) last = place(end);
  }
}
