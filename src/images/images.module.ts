import { Module } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import { CONFIG } from '../config/config.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { BlobStore } from '../storage/blob-store.js';
import { StorageModule } from '../storage/storage.module.js';
import { made } from '../wiring/made.js';
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
    made(Images, Manifests, Tags, TagHistory, Blobs, Referrers, ConfigBlobs, Details, Totals),
    made(Manifests, Database, Changes, ManifestStore, Repositories, ConfigBlobs, CONFIG),
    made(Tags, TagStore),
    made(TagHistory, Database),
    made(Blobs, Database, Changes, BlobLinkStore, Repositories),
    made(Referrers, ReferrerStore),
    made(Details, ManifestStore, TagStore, Manifests, ConfigBlobs, Referrers),
    made(Totals, Database),
    made(ConfigBlobs, Blobs, BlobStore),
    made(Adoption, Database, Changes, Repositories, ConfigBlobs, CONFIG),
    made(RemovedRepositories, Database, Repositories, Log),
    made(ManifestStore, Database),
    made(ReferrerStore, Database),
    made(TagStore, Database),
    made(BlobLinkStore, Database),
  ],
  exports: [Images, Adoption],
})
export class ImagesModule {}
