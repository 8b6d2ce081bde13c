import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { EndedAccounts } from '../auth/ended-accounts.js';
import { Changes } from '../changes/changes.js';
import { CONFIG } from '../config/config.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { UploadSpool } from '../storage/upload-spool.js';
import { made } from '../wiring/made.js';
import { UploadSessions } from './upload-sessions.js';

@Module({
  imports: [AuthModule, RepositoriesModule, StorageModule],
  providers: [made(UploadSessions, Database, Changes, UploadSpool, CONFIG, Log, EndedAccounts)],
  exports: [UploadSessions],
})
export class RegistryModule {}
