import { Global, Module } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { Jobs } from './jobs.js';
import { JobsStore } from './jobs.store.js';

/** Work that outlives requests and the process. Global, because any room may have some. */
@Global()
@Module({
  providers: [
    {
      provide: Jobs,
      inject: [Database, Log],
      useFactory: (database: Database, log: Log) => new Jobs(new JobsStore(database), log),
    },
  ],
  exports: [Jobs],
})
export class JobsModule {}
