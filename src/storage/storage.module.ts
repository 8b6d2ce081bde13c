import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { layoutPlace } from '../data-directory/own-files.js';
import { made } from '../wiring/made.js';
import { blobsFolder } from './blob-path.js';
import { BlobStore } from './blob-store.js';
import { DigestThreads } from './digest-threads.js';
import { DiskBlobStore } from './disk-blob-store.js';
import { DiskReserve } from './disk-reserve.js';
import { DiskUploadSpool } from './disk-upload-spool.js';
import { FileThreads } from './file-threads.js';
import { requireOneFileSystem } from './one-file-system.js';
import { UploadSpool } from './upload-spool.js';

/** Bytes: blobs and uploads, both below the data directory, so that a rename moves one into the other. */
@Module({
  providers: [
    {
      provide: BlobStore,
      inject: [DataDirectory, FileThreads, DiskReserve],
      useFactory: async (directory: DataDirectory, files: FileThreads, reserve: DiskReserve) => {
        await requireOneFileSystem(directory.path, directory.file('uploads'), layoutPlace(directory.path)(blobsFolder));
        return new DiskBlobStore(directory.path, files, reserve);
      },
    },
    {
      provide: DiskReserve,
      inject: [DataDirectory, CONFIG],
      useFactory: (directory: DataDirectory, { registry }: Config) =>
        new DiskReserve(directory.path, registry.diskReserveBytes),
    },
    made(FileThreads),
    made(DigestThreads),
    {
      provide: UploadSpool,
      inject: [DataDirectory, DigestThreads, FileThreads, DiskReserve],
      useFactory: (directory: DataDirectory, digests: DigestThreads, files: FileThreads, reserve: DiskReserve) =>
        new DiskUploadSpool(directory.file('uploads'), digests, files, reserve),
    },
  ],
  exports: [BlobStore, UploadSpool, DiskReserve],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(
    private readonly digests: DigestThreads,
    private readonly files: FileThreads,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.digests.close(), this.files.close()]);
  }
}
