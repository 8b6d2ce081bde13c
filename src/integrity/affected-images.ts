import type { ImageRow, IndexStore } from './index.store.js';

/** Which images suffer from a fault, as people name them; some of them, where they are many. */
export class AffectedImages {
  constructor(private readonly store: IndexStore) {}

  /** Those that need this blob. */
  ofBlob(digest: string): string[] {
    return this.store.imagesNeeding(digest).map(nameOf);
  }

  /** The manifest with this row id, and the indexes that name it. */
  ofManifest(id: number): string[] {
    return this.store.imagesAbove(id).map(nameOf);
  }
}

function nameOf({ repository, digest, tag }: ImageRow): string {
  return tag === null ? `${repository}@${digest}` : `${repository}:${tag}`;
}
