import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { EndedAccounts } from '../auth/ended-accounts.js';
import { Changes } from '../changes/changes.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Jobs } from '../jobs/jobs.js';
import { Log } from '../logging/logger.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { UploadSpool } from '../storage/upload-spool.js';
import { UploadSessions } from './upload-sessions.js';

@Module({
  imports: [AuthModule, RepositoriesModule, StorageModule],
  providers: [
    {
      provide: UploadSessions,
      inject: [Database, Changes, UploadSpool, CONFIG, Log, EndedAccounts, Jobs],
      useFactory: (
        database: Database,
        changes: Changes,
        spool: UploadSpool,
        config: Config,
        log: Log,
        accounts: EndedAccounts,
        jobs: Jobs,
      ) => {
        const sessions = new UploadSessions(database, changes, spool, config, log, accounts);
        jobs.register(sessions.sweeping);
        return sessions;
      },
    },
  ],
  exports: [UploadSessions],
})
export class RegistryModule {}
