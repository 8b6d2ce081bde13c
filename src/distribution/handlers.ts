import { Injectable } from '@nestjs/common';
import { BlobHandlers } from './blob-handlers.js';
import { ListHandlers } from './list-handlers.js';
import { ManifestHandlers } from './manifest-handlers.js';
import { UploadHandlers } from './upload-handlers.js';

/** What the rows of the route table answer with. */
@Injectable()
export class Handlers {
  constructor(
    readonly manifests: ManifestHandlers,
    readonly blobs: BlobHandlers,
    readonly uploads: UploadHandlers,
    readonly lists: ListHandlers,
  ) {}
}
