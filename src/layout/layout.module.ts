import { Module } from '@nestjs/common';
import { Consumers } from '../changes/consumers.js';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Adoption } from '../images/adoption.js';
import { ImagesModule } from '../images/images.module.js';
import { Log } from '../logging/logger.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { BlobStore } from '../storage/blob-store.js';
import { reservedBytes } from '../storage/disk-reserve.js';
import { StorageModule } from '../storage/storage.module.js';
import { LayoutMirror } from './layout-mirror.js';
import { LayoutReader } from './layout-reader.js';
import { LayoutTasks } from './layout-tasks.js';
import { Reindex } from './reindex.js';

/** The index in files, as CNCF Distribution keeps it: written for the way out, read for the way in. */
@Module({
  imports: [ImagesModule, RepositoriesModule, StorageModule],
  providers: [
    {
      provide: LayoutMirror,
      inject: [CONFIG, DataDirectory, Consumers, Repositories, Log],
      useFactory: (
        { registry }: Config,
        directory: DataDirectory,
        consumers: Consumers,
        repositories: Repositories,
        log: Log,
      ) => {
        const mirror = new LayoutMirror({
          consumers,
          dataDir: directory.path,
          enabled: registry.layoutMirror,
          hasRepositories: () => repositories.any(),
          reserve: () => reservedBytes(directory.path, registry.diskReserveBytes),
          log,
        });
        consumers.add(mirror);
        return mirror;
      },
    },
    {
      provide: LayoutTasks,
      inject: [LayoutMirror, Adoption, BlobStore, DataDirectory, CONFIG, Log],
      useFactory: (
        mirror: LayoutMirror,
        adoption: Adoption,
        store: BlobStore,
        directory: DataDirectory,
        { registry }: Config,
        log: Log,
      ) =>
        new LayoutTasks({
          mirror,
          log,
          reindex: ({ sum: report, problem: tell, stopped }) => {
            const reader = new LayoutReader(directory.path, tell);
            const longestManifest = registry.maxManifestBytes;
            return new Reindex({ reader, adoption, store, longestManifest, tell, report, stopped }).run();
          },
        }),
    },
  ],
  exports: [LayoutTasks],
})
export class LayoutModule {}
