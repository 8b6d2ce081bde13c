import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Jobs } from '../jobs/jobs.js';
import { Log } from '../logging/logger.js';
import { made } from '../wiring/made.js';
import { Activity } from './activity.store.js';
import { Audit } from './audit.js';
import { AuditReader } from './audit-reader.js';
import { AuditRetention } from './audit-retention.js';

/** The record of who did what. Global, because anything may happen anywhere. */
@Global()
@Module({
  providers: [
    made(Audit, Database, Log),
    made(AuditReader, Database),
    made(Activity, Database),
    {
      provide: AuditRetention,
      inject: [Database, Jobs, CONFIG],
      useFactory: (database: Database, jobs: Jobs, { audit }: Config) => {
        const retention = new AuditRetention(database, audit.days);
        jobs.register(retention.kind);
        return retention;
      },
    },
  ],
  exports: [Activity, Audit, AuditReader],
})
export class AuditModule {}
