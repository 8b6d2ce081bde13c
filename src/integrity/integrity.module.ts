import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Jobs } from '../jobs/jobs.js';
import { Log } from '../logging/logger.js';
import { Scrubber } from './scrubber.js';

/** Whether what is stored is what was pushed. `berth fsck` uses the room without the module, from outside of the server. */
@Module({
  providers: [
    {
      provide: Scrubber,
      inject: [CONFIG, DataDirectory, Jobs, Log],
      useFactory: ({ scrub }: Config, directory: DataDirectory, jobs: Jobs, log: Log) => {
        const scrubber = new Scrubber({ dataDir: directory.path, intervalMs: scrub.intervalMs, log });
        jobs.register(scrubber.kind);
        return scrubber;
      },
    },
  ],
})
export class IntegrityModule {}
