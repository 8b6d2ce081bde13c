import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { Adoption } from './adoption.js';
import { Blobs } from './blobs.js';
import { BlobLinkStore } from './blobs.store.js';
import { ConfigBlobs } from './config-blobs.js';
import { Details } from './details.js';
import { Images } from './images.js';
import { Manifests } from './manifests.js';
import { ManifestStore } from './manifests.store.js';
import { Referrers } from './referrers.js';
import { ReferrerStore } from './referrers.store.js';
import { RemovedRepositories } from './removed-repositories.js';
import { TagHistory } from './tag-history.store.js';
import { Tags } from './tags.js';
import { TagStore } from './tags.store.js';
import { Totals } from './totals.store.js';

@Module({
  imports: [RepositoriesModule, StorageModule],
  providers: [
    Images,
    Manifests,
    Tags,
    TagHistory,
    Blobs,
    Referrers,
    Details,
    Totals,
    ConfigBlobs,
    Adoption,
    RemovedRepositories,
    ManifestStore,
    ReferrerStore,
    TagStore,
    BlobLinkStore,
  ],
  exports: [Images, Adoption],
})
export class ImagesModule {}
