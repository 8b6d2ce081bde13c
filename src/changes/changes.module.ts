import { Global, Module } from '@nestjs/common';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { Changes } from './changes.js';
import { Consumers } from './consumers.js';
import { DatabaseFeed } from './database-feed.js';
import { EpochFile, openEpoch } from './epoch.js';

/** What happens to rows, and who follows it. Global, because anything may happen anywhere. */
@Global()
@Module({
  providers: [
    {
      provide: EpochFile,
      inject: [DataDirectory],
      useFactory: (directory: DataDirectory) => new EpochFile(directory.file('changes.json')),
    },
    {
      provide: Changes,
      inject: [Database, EpochFile],
      useFactory: async (database: Database, file: EpochFile) => new Changes(database, await openEpoch(database, file)),
    },
    {
      provide: Consumers,
      inject: [Changes, Database, EpochFile, Log],
      useFactory: (changes: Changes, database: Database, file: EpochFile, log: Log) =>
        new Consumers({ changes, feed: new DatabaseFeed(database, changes.epoch), file, log }),
    },
  ],
  exports: [Changes, Consumers],
})
export class ChangesModule {}
