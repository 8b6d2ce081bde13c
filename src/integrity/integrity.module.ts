import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Log } from '../logging/logger.js';
import { Scrubber } from './scrubber.js';

/** Whether what is stored is what was pushed. `berth fsck` uses the room without the module, from outside of the server. */
@Module({
  providers: [
    {
      provide: Scrubber,
      inject: [CONFIG, DataDirectory, Log],
      useFactory: ({ scrub }: Config, directory: DataDirectory, log: Log) =>
        new Scrubber({ dataDir: directory.path, intervalMs: scrub.intervalMs, log }),
    },
  ],
})
export class IntegrityModule {}
