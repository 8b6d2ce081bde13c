/** Something that is not as Berth promises it to be. */
export interface Finding {
  /**
   * `damage`: what was acknowledged cannot be had as it was. `incomplete`: an image names what was deleted, or never here, as it may.
   * `waste`: bytes that nobody can reach, and that harm nobody.
   */
  readonly severity: 'damage' | 'incomplete' | 'waste';
  readonly kind: 'database' | 'manifest' | 'tag' | 'blob' | 'upload';
  /** A digest, a tag with its repository, an upload session; of the database, its file. */
  readonly name: string;
  /** In English, for people. */
  readonly reason: string;
  /** `repository:tag`, or `repository@digest` without a tag: some of the images that cannot be pulled whole. */
  readonly images: readonly string[];
}

/** How far a check is. */
export interface Progress {
  readonly kind: 'manifest' | 'blob';
  readonly checked: number;
  readonly total: number;
  /** Bytes read; 0 for manifests. */
  readonly bytes: number;
}
