import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { digestOf } from '../oci/digest.js';
import type { SessionId, UploadSpool } from './upload-spool.js';

export interface SpoolUnderTest {
  readonly spool: UploadSpool;
  /** A spool over the same storage, as after a restart; undefined when nothing outlives the process. */
  reopen?(): UploadSpool;
  /** Releases everything; answers what was left behind. */
  close(): Promise<string[]>;
}

const bytes = (text: string) => Readable.from([Buffer.from(text)]);
const hello = digestOf(Buffer.from('hello world'));
const unknownIds = ['c0ffee00-0000-4000-8000-000000000000', '../x', '%00', '\0', '', '..', 'x'.repeat(5000)];

/** What every `UploadSpool` promises. */
export function describeUploadSpool(name: string, start: () => Promise<SpoolUnderTest>): void {
  describe(`${name} is an upload spool`, () => {
    let under: SpoolUnderTest;
    let spool: UploadSpool;
    beforeEach(async () => {
      under = await start();
      spool = under.spool;
    });
    afterEach(async () => {
      for await (const { id } of spool.list()) {
        await spool.discard(id);
      }
      expect(await under.close()).toEqual([]);
    });

    test('appends, counts and seals', async () => {
      const id = await spool.create();
      expect(await spool.size(id)).toBe(0);
      expect(await spool.append(id, bytes('hello '))).toBe(6);
      expect(await spool.append(id, bytes('world'), { expectedOffset: 6, expectedBytes: 5, maxSize: 11 })).toBe(11);
      const sealed = await spool.seal(id, hello);
      expect(sealed).toMatchObject({ digest: hello, size: 11 });
      expect(await spool.size(id)).toBeUndefined();
      await expect(spool.seal(id, hello)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
      await spool.discard(id);
    });

    test('seals an upload that never got a byte', async () => {
      const id = await spool.create();
      const sealed = await spool.seal(id, digestOf(Buffer.alloc(0)));
      expect(sealed.size).toBe(0);
      await spool.discard(id);
    });

    test('seals under an algorithm that is announced only at the end', async () => {
      const id = await spool.create('sha256');
      await spool.append(id, bytes('hello world'));
      const digest = digestOf(Buffer.from('hello world'), 'sha512');
      expect(await spool.seal(id, digest)).toMatchObject({ digest, size: 11 });
      await spool.discard(id);
    });

    test('keeps every byte of large and of many small chunks', async () => {
      const block = Buffer.alloc(3_000_001, 'abcdefg');
      const small = Array.from({ length: 5000 }, (_, index) => Buffer.from(`${index},`));
      const id = await spool.create();
      await spool.append(id, Readable.from([block, Buffer.alloc(0), ...small]));
      const whole = Buffer.concat([block, ...small]);
      expect(await spool.seal(id, digestOf(whole))).toMatchObject({ size: whole.length });
      await spool.discard(id);
    });

    test('refuses another digest and keeps the upload', async () => {
      const id = await spool.create();
      await spool.append(id, bytes('hello'));
      await expect(spool.seal(id, hello)).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
      await spool.append(id, bytes(' world'));
      expect(await spool.seal(id, hello)).toMatchObject({ size: 11 });
      await spool.discard(id);
    });

    test('refuses an offset that is not the end and writes nothing', async () => {
      const id = await spool.create();
      await expect(spool.append(id, bytes('x'), { expectedOffset: 3 })).rejects.toMatchObject({
        code: 'RANGE_INVALID',
      });
      await spool.append(id, bytes('hello '), { expectedOffset: 0 });
      for (const expectedOffset of [0, 5, 7]) {
        await expect(spool.append(id, bytes('x'), { expectedOffset })).rejects.toMatchObject({ code: 'RANGE_INVALID' });
      }
      await spool.append(id, bytes('world'));
      expect(await spool.seal(id, hello)).toMatchObject({ size: 11 });
      await spool.discard(id);
    });

    test.each([
      ['more bytes than announced', { expectedBytes: 3 }, 'SIZE_INVALID'],
      ['fewer bytes than announced', { expectedBytes: 30 }, 'SIZE_INVALID'],
      ['more bytes than allowed', { maxSize: 8 }, 'BLOB_TOO_LARGE'],
    ])('takes nothing of %s', async (_, options, code) => {
      const id = await spool.create();
      await spool.append(id, bytes('hello '));
      await expect(spool.append(id, bytes('world'), options)).rejects.toMatchObject({ code });
      expect(await spool.size(id)).toBe(6);
      await spool.append(id, bytes('world'));
      expect(await spool.seal(id, hello)).toMatchObject({ size: 11 });
      await spool.discard(id);
    });

    test('leaves the source open when it stops reading early', async () => {
      const id = await spool.create();
      const source = new PassThrough();
      source.write('hello');
      await expect(spool.append(id, source, { maxSize: 1 })).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
      expect(source.destroyed).toBe(false);
    });

    test('a second writer gets a clear refusal and harms nothing', async () => {
      const id = await spool.create();
      const slow = new PassThrough();
      const first = spool.append(id, slow);
      slow.write('hello ');
      await expect(spool.append(id, bytes('evil'))).rejects.toMatchObject({ code: 'RANGE_INVALID' });
      await expect(spool.seal(id, hello)).rejects.toMatchObject({ code: 'RANGE_INVALID' });
      slow.end('world');
      expect(await first).toBe(11);
      expect(await spool.seal(id, hello)).toMatchObject({ size: 11 });
      await spool.discard(id);
    });

    /** A writer that sends a block and is gone; what became of it is not waited for. */
    const vanishAfter = async (id: SessionId, block: Buffer) => {
      const source = new PassThrough();
      const result = spool.append(id, source).catch((error: unknown) => error);
      source.write(block);
      while (source.readableLength > 0) await new Promise(setImmediate);
      source.destroy();
      await once(source, 'close');
      return { result };
    };

    test('what is told of an upload whose writer has just vanished holds for whoever goes on', async () => {
      const block = Buffer.alloc(400_000, 'abcdefg');
      const id = await spool.create();
      const first = await vanishAfter(id, block);
      const expectedOffset = await spool.size(id);
      expect(expectedOffset).toBe(block.length);
      expect(await spool.append(id, bytes('end'), { expectedOffset })).toBe(block.length + 3);
      expect(await first.result).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
      await spool.discard(id);
    });

    test('whoever goes on at once waits for the writer that has just vanished', async () => {
      const block = Buffer.alloc(400_000, 'abcdefg');
      const id = await spool.create();
      const first = await vanishAfter(id, block);
      expect(await spool.append(id, bytes('end'), { expectedOffset: block.length })).toBe(block.length + 3);
      expect(await spool.seal(id, digestOf(Buffer.concat([block, Buffer.from('end')])))).toBeDefined();
      await first.result;
      await spool.discard(id);
    });

    test('a writer that vanishes leaves what came, and another goes on', async () => {
      const id = await spool.create();
      const source = Readable.from(
        (async function* () {
          yield Buffer.from('hello ');
          throw new Error('aborted');
        })(),
      );
      await expect(spool.append(id, source)).rejects.toThrow('aborted');
      expect(await spool.size(id)).toBe(6);
      await spool.append(id, bytes('world'), { expectedOffset: 6 });
      expect(await spool.seal(id, hello)).toMatchObject({ size: 11 });
      await spool.discard(id);
    });

    test('an upload goes on after a restart', async () => {
      if (under.reopen === undefined) return;
      const id = await spool.create();
      const much = Buffer.alloc(100_000, 'abc');
      await spool.append(id, Readable.from([much]));
      expect(spool.outlives(id)).toBe(true);
      const later = under.reopen();
      expect(later.outlives(id)).toBe(true);
      expect(await later.size(id)).toBe(much.length);
      expect(await later.append(id, bytes('world'), { expectedOffset: much.length })).toBe(much.length + 5);
      const whole = digestOf(Buffer.concat([much, Buffer.from('world')]));
      expect(await later.seal(id, whole)).toMatchObject({ size: much.length + 5 });
      await later.discard(id);
    });

    test.each(unknownIds.map((id) => [id.slice(0, 40), id]))('knows no upload %j', async (_, id) => {
      expect(await spool.size(id)).toBeUndefined();
      await expect(spool.append(id, bytes('x'))).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
      await expect(spool.seal(id, hello)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
      await spool.discard(id);
    });

    test('discards for good, and twice', async () => {
      const id = await spool.create();
      await spool.append(id, bytes('hello'));
      await spool.discard(id);
      await spool.discard(id);
      expect(await spool.size(id)).toBeUndefined();
      await expect(spool.append(id, bytes('x'))).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
    });

    test.each([
      ['nothing', 0],
      ['little', 6],
      ['much', 300_000],
    ])('discarding ends a writer of which %s came, though it falls silent, and leaves nothing', async (_, came) => {
      const id = await spool.create();
      const source = Readable.from(
        (async function* () {
          if (came > 0) yield Buffer.alloc(came);
          await spool.discard(id);
          await new Promise(() => undefined);
        })(),
      );
      await expect(spool.append(id, source)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
      expect(source.destroyed).toBe(false);
      expect(await spool.size(id)).toBeUndefined();
      expect(await listed()).toEqual([]);
    });

    test('an upload that had bytes and is discarded while more come is gone for good', async () => {
      const id = await spool.create();
      await spool.append(id, Readable.from([Buffer.alloc(300_000)]));
      const slow = new PassThrough();
      const appended = spool.append(id, slow);
      slow.write(Buffer.alloc(300_000));
      await Promise.all([
        expect(appended).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' }),
        spool.discard(id).then(() => slow.end(Buffer.alloc(300_000))),
      ]);
      expect(await spool.size(id)).toBeUndefined();
      expect(await listed()).toEqual([]);
    });

    test('lists what was started and written', async () => {
      const id = await spool.create();
      await spool.append(id, Readable.from([Buffer.alloc(100_000)]));
      for await (const { modifiedAt } of spool.list()) {
        expect(modifiedAt.getTime()).toBeGreaterThan(0);
      }
      expect(await listed()).toEqual([id]);
    });

    async function listed(): Promise<string[]> {
      const ids: string[] = [];
      for await (const { id } of spool.list()) ids.push(id);
      return ids;
    }
  });
}
