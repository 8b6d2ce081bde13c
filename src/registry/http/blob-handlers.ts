import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import { Images } from '../../images/images.js';
import { type ByteRange, parseByteRange } from '../../oci/byte-range.js';
import type { Digest } from '../../oci/digest.js';
import { BlobStore } from '../../storage/blob-store.js';
import { headerList, sendEmpty } from './answer.js';
import { IdleTimeout } from './body.js';
import type { Call } from './call.js';
import { requireDeletion } from './manifest-handlers.js';

/** Blobs: distribution-spec end-2 and end-10. */
@Injectable()
export class BlobHandlers {
  constructor(
    private readonly images: Images,
    private readonly blobs: BlobStore,
    private readonly idle: IdleTimeout,
    @Inject(CONFIG) private readonly config: Pick<Config, 'registry'>,
  ) {}

  async get(call: Call, digest: Digest): Promise<void> {
    const size = await this.size(call, digest);
    const { request, response } = call;
    if (request.headers['if-none-match'] === etag(digest)) {
      return sendEmpty(response, 304, 'ETag', etag(digest), 'Docker-Content-Digest', digest);
    }
    const range = requestedRange(call, digest, size);
    const blob = await this.blobs.open(digest);
    if (blob?.size !== size) {
      await blob?.close();
      throw damaged(digest, size, blob?.size);
    }
    try {
      const { status, list } = answerTo(range, digest, size);
      response.writeHead(status, list);
      if (size > 0) {
        await this.idle.watchAnswer(request, () => blob.send(response, range));
      }
      response.end();
    } finally {
      await blob.close();
    }
  }

  /** Says no when the bytes are damaged, so that the next push brings them again. */
  async head(call: Call, digest: Digest): Promise<void> {
    const size = await this.size(call, digest);
    const stored = await this.blobs.stat(digest);
    if (stored?.size !== size) {
      throw new Failure('BLOB_UNKNOWN', { detail: { digest }, cause: damaged(digest, size, stored?.size) });
    }
    call.response.writeHead(200, answerTo(undefined, digest, size).list);
    call.response.end();
  }

  async delete(call: Call, digest: Digest): Promise<void> {
    requireDeletion(this.config);
    await this.images.unlinkBlob(call.repository, digest);
    sendEmpty(call.response, 202);
  }

  private async size({ repository }: Call, digest: Digest): Promise<number> {
    const blob = await this.images.findBlob(repository, digest);
    if (blob === undefined) {
      throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
    }
    return blob.size;
  }
}

function etag(digest: Digest): string {
  return `"${digest}"`;
}

/** Undefined for the whole blob. Throws RANGE_INVALID. */
function requestedRange({ request }: Call, digest: Digest, size: number): ByteRange | undefined {
  const { range: header, 'if-range': condition } = request.headers;
  if (header === undefined || (condition !== undefined && condition !== etag(digest))) {
    return undefined;
  }
  const range = parseByteRange(header, size);
  if (range === 'unsatisfiable') {
    throw new Failure('RANGE_INVALID', { headers: { 'Content-Range': `bytes */${size}` } });
  }
  return range === 'whole' ? undefined : range;
}

function answerTo(range: ByteRange | undefined, digest: Digest, size: number): { status: number; list: string[] } {
  const length = range === undefined ? size : range.end + 1 - range.start;
  const list = headerList(
    ...['Content-Type', 'application/octet-stream'],
    ...['Content-Length', String(length)],
    ...['Docker-Content-Digest', digest],
    ...['ETag', etag(digest)],
    ...['Accept-Ranges', 'bytes'],
  );
  if (range === undefined) {
    return { status: 200, list };
  }
  list.push('Content-Range', `bytes ${range.start}-${range.end}/${size}`);
  return { status: 206, list };
}

/** The index and the disk disagree: never served as complete. */
function damaged(digest: Digest, expected: number, found: number | undefined): Error {
  return new Error(`blob ${digest} should have ${expected} bytes and has ${found ?? 'no file'}`);
}
