import { Module } from '@nestjs/common';
import { DataDirectory } from '../data-directory/data-directory.js';
import { BlobStore } from './blob-store.js';
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
    {
      provide: UploadSpool,
      inject: [DataDirectory],
      useFactory: (directory: DataDirectory) => new DiskUploadSpool(directory.file('uploads')),
    },
  ],
  exports: [BlobStore, UploadSpool],
})
export class StorageModule {}
