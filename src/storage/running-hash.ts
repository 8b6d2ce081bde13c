/** A digest computed while bytes come. */
export interface RunningHash {
  /** Takes the next bytes, in the order of the calls. They must not change until it resolves. */
  update(chunks: readonly Uint8Array[]): Promise<void>;
  /** The hexadecimal digest of everything so far; more may follow. */
  hex(): Promise<string>;
  /** Forgets it. */
  drop(): void;
}
