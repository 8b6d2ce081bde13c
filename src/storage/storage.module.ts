import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataDirectory } from '../data-directory/data-directory.js';
import { BlobStore } from './blob-store.js';
import { DigestThreads } from './digest-threads.js';
import { DiskBlobStore } from './disk-blob-store.js';
import { DiskUploadSpool } from './disk-upload-spool.js';
import { UploadSpool } from './upload-spool.js';

/** Bytes: blobs and uploads, both below the data directory, so that a rename moves one into the other. */
@Module({
  providers: [
    {
      provide: BlobStore,
      inject: [DataDirectory],
      useFactory: (directory: DataDirectory) => new DiskBlobStore(directory.path),
    },
    { provide: DigestThreads, useFactory: () => new DigestThreads() },
    {
      provide: UploadSpool,
      inject: [DataDirectory, DigestThreads],
      useFactory: (directory: DataDirectory, threads: DigestThreads) =>
        new DiskUploadSpool(directory.file('uploads'), threads),
    },
  ],
  exports: [BlobStore, UploadSpool],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(private readonly threads: DigestThreads) {}

  async onApplicationShutdown(): Promise<void> {
    await this.threads.close();
  }
}
