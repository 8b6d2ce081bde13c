import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { UploadSessions } from './upload-sessions.js';

@Module({
  imports: [AuthModule, RepositoriesModule, StorageModule],
  providers: [UploadSessions],
  exports: [UploadSessions],
})
export class RegistryModule {}
