/** A digest computed while bytes come. */
export interface RunningHash {
  /** Takes the next bytes. They must not change, and nothing else may be asked, until it resolves. */
  update(chunks: readonly Uint8Array[]): Promise<void>;
  /** The hexadecimal digest of everything so far; more may follow. */
  hex(): Promise<string>;
  /** Forgets it. */
  drop(): void;
}
