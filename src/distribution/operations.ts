import { Injectable } from '@nestjs/common';
import type { Digest } from '../oci/digest.js';
import type { Reference } from '../oci/reference.js';
import type { SessionId } from '../storage/upload-spool.js';
import { sendJson } from './answer.js';
import { BlobHandlers } from './blob-handlers.js';
import type { Call, Handler } from './call.js';
import { ListHandlers } from './list-handlers.js';
import { ManifestHandlers } from './manifest-handlers.js';
import type { Operation } from './routes.js';
import { UploadHandlers } from './upload-handlers.js';

/** What a path names besides the repository, parsed: a reference, a digest, a session id, or the empty string. */
export type Target = Reference | Digest | SessionId;

/** One handler for every operation of the route table. */
@Injectable()
export class Operations {
  readonly #handlers: Record<Operation, Handler<never>>;

  constructor(manifests: ManifestHandlers, blobs: BlobHandlers, uploads: UploadHandlers, lists: ListHandlers) {
    this.#handlers = {
      ping: ({ response }: Call) => sendJson(response, {}, 'application/json'),
      listRepositories: (call: Call) => lists.catalog(call),
      search: (call: Call) => lists.search(call),
      listTags: (call: Call) => lists.tags(call),
      getManifest: (call: Call, reference: Reference) => manifests.get(call, reference),
      putManifest: (call: Call, reference: Reference) => manifests.put(call, reference),
      deleteManifest: (call: Call, reference: Reference) => manifests.delete(call, reference),
      listReferrers: (call: Call, digest: Digest) => lists.referrers(call, digest),
      getBlob: (call: Call, digest: Digest) => blobs.get(call, digest),
      headBlob: (call: Call, digest: Digest) => blobs.head(call, digest),
      deleteBlob: (call: Call, digest: Digest) => blobs.delete(call, digest),
      startUpload: (call: Call) => uploads.start(call),
      describeUpload: (call: Call, id: SessionId) => uploads.describe(call, id),
      appendToUpload: (call: Call, id: SessionId) => uploads.append(call, id),
      finishUpload: (call: Call, id: SessionId) => uploads.finish(call, id),
      cancelUpload: (call: Call, id: SessionId) => uploads.cancel(call, id),
    };
  }

  /** @param target what `parseTarget` made of the path that led to this operation */
  run(operation: Operation, call: Call, target: Target): void | Promise<void> {
    // The route table pairs operations with resources, and parseTarget resources with targets; no type says both.
    const handler = this.#handlers[operation] as Handler<Target>;
    return handler(call, target);
  }
}
