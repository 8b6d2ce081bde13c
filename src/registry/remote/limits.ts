/** What may be asked of another registry, and how long and large its answers may be. */
export interface RemoteLimits {
  /** Manifests, lists and questions about blobs at once. */
  readonly calls: number;
  /** Blobs that are read at once, and again as many that are written. */
  readonly blobs: number;
  /** Tries of one thing. */
  readonly attempts: number;
  /** Milliseconds of the first pause between two, which doubles, and of the longest. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** Milliseconds that are waited at most because a registry says so. */
  readonly longestRetryAfterMs: number;
  /** Milliseconds in which something has to move, and in which a call, and a blob, has to be over. */
  readonly idleMs: number;
  readonly callMs: number;
  readonly blobMs: number;
  /** Bytes. */
  readonly manifestBytes: number;
  readonly listBytes: number;
  readonly tokenBytes: number;
  readonly blobBytes: number;
  /** Pages of one list. */
  readonly pages: number;
}

export const defaultLimits: RemoteLimits = {
  calls: 16,
  blobs: 6,
  attempts: 5,
  pauseMs: 1000,
  longestPauseMs: 30_000,
  longestRetryAfterMs: 15 * 60_000,
  idleMs: 60_000,
  callMs: 10 * 60_000,
  blobMs: 6 * 3_600_000,
  manifestBytes: 8 * 1024 * 1024,
  listBytes: 4 * 1024 * 1024,
  tokenBytes: 256 * 1024,
  blobBytes: 1024 ** 4,
  pages: 10_000,
};
