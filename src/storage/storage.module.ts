import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataDirectory } from '../data-directory/data-directory.js';
import { layoutPlace } from '../data-directory/own-files.js';
import { blobsFolder } from './blob-path.js';
import { BlobStore } from './blob-store.js';
import { CommitThreads } from './commit-threads.js';
import { DigestThreads } from './digest-threads.js';
import { DiskBlobStore } from './disk-blob-store.js';
import { DiskUploadSpool } from './disk-upload-spool.js';
import { requireOneFileSystem } from './one-file-system.js';
import { UploadSpool } from './upload-spool.js';

/** Bytes: blobs and uploads, both below the data directory, so that a rename moves one into the other. */
@Module({
  providers: [
    {
      provide: BlobStore,
      inject: [DataDirectory, CommitThreads],
      useFactory: async (directory: DataDirectory, commits: CommitThreads) => {
        await requireOneFileSystem(directory.path, directory.file('uploads'), layoutPlace(directory.path)(blobsFolder));
        return new DiskBlobStore(directory.path, commits);
      },
    },
    { provide: CommitThreads, useFactory: () => new CommitThreads() },
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
  constructor(
    private readonly digests: DigestThreads,
    private readonly commits: CommitThreads,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.digests.close(), this.commits.close()]);
  }
}
