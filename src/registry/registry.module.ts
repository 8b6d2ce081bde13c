import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ImagesModule } from '../images/images.module.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { BlobHandlers } from './http/blob-handlers.js';
import { DataPlane } from './http/data-plane.js';
import { Gate } from './http/gate.js';
import { HeldBodies } from './http/held-bodies.js';
import { ListHandlers } from './http/list-handlers.js';
import { ManifestHandlers } from './http/manifest-handlers.js';
import { Mounts } from './http/mounts.js';
import { Operations } from './http/operations.js';
import { ProxySender } from './http/proxy-sender.js';
import { Refusal } from './http/refusal.js';
import { RequestLog } from './http/request-log.js';
import { SmallBlobs } from './http/small-blobs.js';
import { UploadHandlers } from './http/upload-handlers.js';
import { UploadSessions } from './upload-sessions.js';

/** The registry protocol. Its one entry is `DataPlane`, which the HTTP server calls past Express. */
@Module({
  imports: [AuthModule, ImagesModule, PermissionsModule, RepositoriesModule, StorageModule],
  providers: [
    DataPlane,
    Gate,
    HeldBodies,
    Operations,
    Refusal,
    RequestLog,
    ProxySender,
    SmallBlobs,
    ManifestHandlers,
    BlobHandlers,
    UploadHandlers,
    Mounts,
    ListHandlers,
    UploadSessions,
  ],
  exports: [DataPlane, HeldBodies, UploadSessions],
})
export class RegistryModule {}
