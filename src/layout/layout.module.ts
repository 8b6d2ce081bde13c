import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { LayoutMirror } from './layout-mirror.js';

/** The index in files, as CNCF Distribution keeps it: written for the way out, read for the way in. */
@Module({
  providers: [
    {
      provide: LayoutMirror,
      inject: [CONFIG, DataDirectory, Database, Log],
      useFactory: ({ registry }: Config, directory: DataDirectory, database: Database, log: Log) =>
        new LayoutMirror({ database, dataDir: directory.path, enabled: registry.layoutMirror, log }),
    },
  ],
  exports: [LayoutMirror],
})
export class LayoutModule {}
