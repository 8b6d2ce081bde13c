import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { HttpModule } from '../http/http.module.js';
import { ImagesModule } from '../images/images.module.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { BlobHandlers } from './blob-handlers.js';
import { DataPlane } from './data-plane.js';
import { Gate } from './gate.js';
import { Handlers } from './handlers.js';
import { ListHandlers } from './list-handlers.js';
import { ManifestHandlers } from './manifest-handlers.js';
import { Mounts } from './mounts.js';
import { ProxySender } from './proxy-sender.js';
import { Refusal } from './refusal.js';
import { RequestLog } from './request-log.js';
import { SmallBlobs } from './small-blobs.js';
import { UploadHandlers } from './upload-handlers.js';

/** The /v2 API. Its one entry is `DataPlane`, which the HTTP server calls past Express. */
@Module({
  imports: [AuthModule, HttpModule, ImagesModule, PermissionsModule, RegistryModule, RepositoriesModule, StorageModule],
  providers: [
    DataPlane,
    Gate,
    Handlers,
    Refusal,
    RequestLog,
    ProxySender,
    SmallBlobs,
    ManifestHandlers,
    BlobHandlers,
    UploadHandlers,
    Mounts,
    ListHandlers,
  ],
  exports: [DataPlane],
})
export class DistributionModule {}
