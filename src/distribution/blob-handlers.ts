import { Injectable } from '@nestjs/common';
import { andThen } from '../async/maybe-async.js';
import { Failure } from '../errors/failure.js';
import { sendAtOnce } from '../http/send-at-once.js';
import { Images } from '../images/images.js';
import { type ByteRange, parseByteRange } from '../oci/byte-range.js';
import type { Digest } from '../oci/digest.js';
import { BlobStore } from '../storage/blob-store.js';
import { headerList, sendEmpty } from './answer.js';
import type { RepositoryCall } from './call.js';
import { entityTag, sendNotModified } from './not-modified.js';
import { ProxySender } from './proxy-sender.js';
import { SmallBlobs, smallBlob } from './small-blobs.js';

/** Blobs: distribution-spec end-2 and end-10. */
@Injectable()
export class BlobHandlers {
  constructor(
    private readonly images: Images,
    private readonly blobs: BlobStore,
    private readonly small: SmallBlobs,
    private readonly proxy: ProxySender,
  ) {}

  /** GET. Nothing here waits for a small blob that is remembered. */
  get(call: RepositoryCall, digest: Digest): void | Promise<void> {
    return andThen(this.images.findBlob(call.repository, digest), (blob) => {
      if (blob === undefined) throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
      if (sendNotModified(call, digest)) return;
      const range = requestedRange(call, digest, blob.size);
      if (blob.size <= smallBlob)
        return andThen(this.small.read(digest), (bytes) => sendBytes(call, digest, bytes, range));
      const location = this.proxy.locationFor(call.request, digest);
      return location === undefined
        ? this.#sendFile(call, digest, blob.size, range)
        : this.#sendLocation(call, digest, blob.size, location);
    });
  }

  /** HEAD. Says no when the bytes are damaged, so that the next push brings them again. */
  async head(call: RepositoryCall, digest: Digest): Promise<void> {
    const blob = await this.images.findBlob(call.repository, digest);
    const stored = blob && (await this.blobs.stat(digest));
    if (blob === undefined || stored?.size !== blob.size) throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
    if (!sendNotModified(call, digest)) {
      writeHead(call, digest, blob.size, undefined);
      call.response.end();
    }
  }

  async delete(call: RepositoryCall, digest: Digest): Promise<void> {
    await this.images.unlinkBlob(call.repository, digest);
    sendEmpty(call.response, 202);
  }

  /** The proxy sends the bytes, and the part of them that was asked for. */
  async #sendLocation(call: RepositoryCall, digest: Digest, size: number, location: string): Promise<void> {
    const stored = await this.blobs.stat(digest);
    if (stored?.size !== size) throw wrongSize(digest, size, stored?.size);
    sendEmpty(call.response, 200, 'X-Accel-Redirect', location, ...blobHeaders(digest));
  }

  async #sendFile(call: RepositoryCall, digest: Digest, size: number, range: ByteRange | undefined): Promise<void> {
    const blob = await this.blobs.open(digest);
    try {
      if (blob?.size !== size) throw wrongSize(digest, size, blob?.size);
      writeHead(call, digest, size, range);
      await blob.send(call.response, range);
      call.response.end();
    } finally {
      await blob?.close();
    }
  }
}

/** The index and the disk disagree, and a part is never served as the whole. */
function wrongSize(digest: Digest, size: number, found: number | undefined): Failure {
  const cause = new Error(`blob ${digest} should have ${size} bytes and has ${found ?? 'no file that may be read'}`);
  return new Failure('CONTENT_DAMAGED', { cause });
}

/** Undefined for the whole blob. Throws RANGE_INVALID. */
function requestedRange({ request }: RepositoryCall, digest: Digest, size: number): ByteRange | undefined {
  const { range: header, 'if-range': condition } = request.headers;
  if (header === undefined || (condition !== undefined && condition !== entityTag(digest))) return undefined;
  const range = parseByteRange(header, size);
  if (range === 'unsatisfiable')
    throw new Failure('RANGE_INVALID', { headers: { 'Content-Range': `bytes */${size}` } });
  return range === 'whole' ? undefined : range;
}

function sendBytes(call: RepositoryCall, digest: Digest, bytes: Buffer, range: ByteRange | undefined): void {
  writeHead(call, digest, bytes.length, range);
  sendAtOnce(call.response, range === undefined ? bytes : bytes.subarray(range.start, range.end + 1));
}

function blobHeaders(digest: Digest): string[] {
  return [
    ...['Content-Type', 'application/octet-stream'],
    ...['Docker-Content-Digest', digest],
    ...['ETag', entityTag(digest)],
  ];
}

/** 200 for the whole of `size` bytes, 206 for a part. */
function writeHead({ response }: RepositoryCall, digest: Digest, size: number, range: ByteRange | undefined): void {
  const length = range === undefined ? size : range.end + 1 - range.start;
  const headers = headerList('Content-Length', String(length), ...blobHeaders(digest));
  if (range === undefined) {
    response.writeHead(200, [...headers, 'Accept-Ranges', 'bytes']);
  } else {
    response.writeHead(206, [...headers, 'Content-Range', `bytes ${range.start}-${range.end}/${size}`]);
  }
}
