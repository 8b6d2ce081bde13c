import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.js';
import type { BlobStore } from './blob-store.js';
import type { UploadSpool } from './upload-spool.js';

export interface StoreUnderTest {
  readonly store: BlobStore;
  readonly spool: UploadSpool;
  /** Releases everything; answers what was left behind. */
  close(): Promise<string[]>;
}

const content = Buffer.alloc(700_001, 'The quick brown fox. ');
const digest = digestOf(content);

/** Is done with a chunk when it calls back, like a socket. */
class Received extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    setImmediate(() => {
      this.#chunks.push(Buffer.from(chunk));
      done();
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** What every `BlobStore` promises. */
export function describeBlobStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`${name} is a blob store`, () => {
    let under: StoreUnderTest;
    let store: BlobStore;
    beforeEach(async () => {
      under = await start();
      store = under.store;
    });
    afterEach(async () => {
      for await (const blob of store.list()) {
        await store.delete(blob.digest);
      }
      expect(await under.close()).toEqual([]);
    });

    const sealed = async (bytes: Buffer, as: Digest) => {
      const id = await under.spool.create(digestAlgorithm(as));
      await under.spool.append(id, Readable.from([bytes]));
      return await under.spool.seal(id, as);
    };
    const put = async (bytes: Buffer, as: Digest) => await store.adopt(as, await sealed(bytes, as));
    const listed = async () => {
      const digests: string[] = [];
      for await (const blob of store.list()) {
        digests.push(blob.digest);
      }
      return digests.sort();
    };
    const sent = async (range?: { start: number; end: number }) => {
      const blob = await store.open(digest);
      const received = new Received();
      await blob?.send(received, range);
      await blob?.close();
      return received.bytes();
    };

    test('gives back exactly what was adopted', async () => {
      await put(content, digest);
      expect(await store.stat(digest)).toEqual({ size: content.length });
      expect((await buffer(await store.read(digest))).equals(content)).toBe(true);
      expect((await sent()).equals(content)).toBe(true);
    });

    test.each([
      [0, 0],
      [5, 5],
      [0, content.length - 1],
      [262_143, 262_144],
      [600_000, content.length - 1],
    ])('gives the range %i-%i', async (start, end) => {
      await put(content, digest);
      const expected = content.subarray(start, end + 1);
      expect((await buffer(await store.read(digest, { start, end }))).equals(expected)).toBe(true);
      expect((await sent({ start, end })).equals(expected)).toBe(true);
    });

    test('knows nothing of a digest nobody adopted', async () => {
      expect(await store.stat(digest)).toBeUndefined();
      expect(await store.open(digest)).toBeUndefined();
      await expect(store.read(digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
      await store.delete(digest);
      expect(await listed()).toEqual([]);
    });

    test('holds the empty blob, and one content under two algorithms', async () => {
      const all = [digestOf(Buffer.alloc(0)), digest, digestOf(content, 'sha512')];
      await put(Buffer.alloc(0), digestOf(Buffer.alloc(0)));
      await put(content, digest);
      await put(content, digestOf(content, 'sha512'));
      expect(await listed()).toEqual([...all].sort());
      const empty = await store.open(digestOf(Buffer.alloc(0)));
      expect(empty?.size).toBe(0);
      const received = new Received();
      await empty?.send(received);
      expect(received.bytes()).toHaveLength(0);
      await empty?.close();
    });

    test('many writers of one digest all succeed and leave one blob', async () => {
      await Promise.all(Array.from({ length: 20 }, () => put(content, digest)));
      expect(await listed()).toEqual([digest]);
      expect((await sent()).equals(content)).toBe(true);
    });

    test('refuses an upload that was sealed for another digest', async () => {
      const other = await sealed(Buffer.from('other'), digestOf(Buffer.from('other')));
      await expect(store.adopt(digest, other)).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
      await store.adopt(other.digest, other);
      expect(await store.stat(digest)).toBeUndefined();
    });

    test('deletes for good, twice, and takes the blob back', async () => {
      await put(content, digest);
      await store.delete(digest);
      await store.delete(digest);
      expect(await store.stat(digest)).toBeUndefined();
      await put(content, digest);
      expect((await sent()).equals(content)).toBe(true);
    });

    test('a blob held open can still be sent after its deletion', async () => {
      await put(content, digest);
      const blob = await store.open(digest);
      await store.delete(digest);
      const received = new Received();
      await blob?.send(received);
      await blob?.close();
      expect(received.bytes().equals(content)).toBe(true);
    });

    test('writers and deleters of one digest do not trip over each other', async () => {
      const work = Array.from({ length: 40 }, (_, index) => (index % 2 ? store.delete(digest) : put(content, digest)));
      await Promise.all(work);
      await put(content, digest);
      expect((await sent()).equals(content)).toBe(true);
    });

    test('sending to somebody who goes away fails', async () => {
      await put(content, digest);
      const blob = await store.open(digest);
      const to = new Writable({
        highWaterMark: 1,
        write(_chunk, _encoding, done) {
          done(new Error('gone'));
        },
      });
      to.on('error', () => undefined);
      await expect(blob?.send(to)).rejects.toThrow();
      await blob?.close();
    });
  });
}
