import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { clock } from '../async/clock.js';
import { Inspection, isDatabaseDamage } from '../database/inspection.js';
import { DigestThreads } from '../storage/digest-threads.js';
import { DiskBlobStore } from '../storage/disk-blob-store.js';
import { DiskUploadSpool } from '../storage/disk-upload-spool.js';
import { BlobCheck, type BlobCheckOptions } from './blob-check.js';
import type { Finding } from './finding.js';
import { IndexStore } from './index.store.js';
import { IndexCheck } from './index-check.js';

export interface FsckOptions extends BlobCheckOptions {
  /** Absolute; holds `berth.db`. */
  readonly dataDir: string;
  /** Milliseconds after which the server throws an unfinished upload away. */
  readonly uploadTtlMs: number;
}

/** Milliseconds by which the server may be late in throwing an upload away. */
const sweepDelay = 5 * 60_000;

/**
 * Checks every invariant of a data directory (docs/reliability.md), beside a running server or without one, and writes nothing.
 * Memory does not grow with the data. What comes and goes meanwhile is no finding.
 */
export async function* fsck(options: FsckOptions): AsyncGenerator<Finding> {
  const file = join(options.dataDir, 'berth.db');
  if (lstatSync(`${file}-journal`, { throwIfNoEntry: false }) !== undefined) {
    // SQLite would wait for it if it is a pipe, and cannot finish what it says without writing.
    yield databaseDamage(file, 'another program began a change of it and did not finish: its journal is beside it');
    return;
  }
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.isFile()) continue;
    yield databaseDamage(path, 'it is no regular file'); // and SQLite would wait for a pipe, or follow a link
    return;
  }
  let inspection: Inspection | undefined;
  try {
    inspection = new Inspection(file);
    for (const problem of inspection.problems(options.quick)) yield databaseDamage(file, problem);
    const index = new IndexStore(inspection);
    const check = new IndexCheck(index);
    yield* check.manifests(options.report);
    yield* check.tagsAndLinks();
    const blobs = new BlobCheck(index, new DiskBlobStore(options.dataDir), options);
    yield* blobs.rows();
    yield* blobs.orphans();
    yield* leftUploads(options);
  } catch (error) {
    if (!isDatabaseDamage(error)) throw error;
    yield databaseDamage(file, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    inspection?.close();
  }
}

/** Unfinished uploads that should be gone. */
async function* leftUploads({ dataDir, uploadTtlMs }: FsckOptions): AsyncGenerator<Finding> {
  const oldest = clock.wall() - uploadTtlMs - sweepDelay;
  for await (const { id, modifiedAt } of new DiskUploadSpool(join(dataDir, 'uploads'), new DigestThreads()).list()) {
    if (modifiedAt.getTime() >= oldest) continue;
    const reason = `unfinished since ${modifiedAt.toISOString()}, longer than uploads are kept`;
    yield { severity: 'waste', kind: 'upload', name: id, reason, images: [] };
  }
}

function databaseDamage(file: string, reason: string): Finding {
  return { severity: 'damage', kind: 'database', name: file, reason, images: [] };
}
