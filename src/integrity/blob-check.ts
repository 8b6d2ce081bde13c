import { clock } from '../async/clock.js';
import type { Digest } from '../oci/digest.js';
import type { DiskBlobStore } from '../storage/disk-blob-store.js';
import { AffectedImages } from './affected-images.js';
import type { Finding, Progress } from './finding.js';
import type { BlobRow, IndexStore } from './index.store.js';

/** File names looked up at a time. */
const filesAtATime = 500;
/** Milliseconds a file may be without a row: a push puts it in place just before it commits. */
const beforeRow = 10 * 60_000;

export interface BlobCheckOptions {
  /** Leaves out reading the bytes: only that a file is there, of the right size. */
  readonly quick: boolean;
  readonly report: (progress: Progress) => void;
}

/**
 * Rows and files of blobs held against each other. A file comes before its row, so a row is read first and its file after; whatever
 * looks wrong is looked at once more from the beginning, because a server may have repaired or removed it meanwhile.
 */
export class BlobCheck {
  readonly #images: AffectedImages;

  constructor(
    private readonly index: IndexStore,
    private readonly store: DiskBlobStore,
    private readonly options: BlobCheckOptions,
  ) {
    this.#images = new AffectedImages(index);
  }

  /** Every row has its file, and that has its bytes. */
  async *rows(): AsyncGenerator<Finding> {
    const total = this.index.countBlobs();
    const progress = { kind: 'blob' as const, checked: 0, total, bytes: 0 };
    for (const row of this.index.blobs()) {
      const reason = (await this.#fault(row, progress)) && (await this.#faultOnceMore(row.digest));
      if (reason) yield this.#damage(row.digest, reason);
      progress.checked++;
      this.options.report({ ...progress, total: Math.max(total, progress.checked) });
    }
  }

  /** Files and rows that nothing needs. */
  async *orphans(): AsyncGenerator<Finding> {
    const unused = this.index.unusedBlobs();
    if (unused.blobs > 0)
      yield waste(`${unused.blobs} blobs`, `no repository has them; they take ${unused.bytes} bytes`);
    const youngest = clock.wall() - beforeRow;
    let batch: BlobRow[] = [];
    for await (const { digest, size, modifiedAt } of this.store.list()) {
      if (modifiedAt.getTime() > youngest || this.index.findBlob(digest) !== undefined) continue;
      batch.push({ digest, size });
      if (batch.length === filesAtATime) {
        yield* this.#orphansOf(batch);
        batch = [];
      }
    }
    yield* this.#orphansOf(batch);
  }

  /** Manifests may lie among the blobs as well, as CNCF Distribution keeps them. */
  *#orphansOf(batch: readonly BlobRow[]): Generator<Finding> {
    const known = this.index.known(batch.map(({ digest }) => digest));
    for (const { digest, size } of batch) {
      if (!known.has(digest)) yield waste(digest, `a file of ${size} bytes that the index does not know`);
    }
  }

  async #faultOnceMore(digest: Digest): Promise<string | undefined> {
    const row = this.index.findBlob(digest);
    return row && (await this.#fault(row));
  }

  async #fault({ digest, size }: BlobRow, progress?: { bytes: number }): Promise<string | undefined> {
    const expected = Number(size);
    if (this.options.quick) {
      const file = await this.store.stat(digest);
      if (file === undefined) return 'its file is missing, or was set aside as damaged';
      return file.size === expected ? undefined : wrongSize(file.size, expected);
    }
    const checked = await this.store.check(digest, {
      pace: (bytes) => {
        if (progress === undefined) return;
        progress.bytes += bytes;
      },
    });
    if (checked.condition === 'missing') return 'its file is missing';
    if (checked.size !== expected) return wrongSize(checked.size, expected);
    return checked.condition === 'sound' ? undefined : 'its bytes do not have its digest';
  }

  #damage(digest: Digest, reason: string): Finding {
    return { severity: 'damage', kind: 'blob', name: digest, reason, images: this.#images.ofBlob(digest) };
  }
}

function wrongSize(found: number, expected: number): string {
  return `its file has ${found} bytes instead of ${expected}`;
}

function waste(name: string, reason: string): Finding {
  return { severity: 'waste', kind: 'blob', name, reason, images: [] };
}
