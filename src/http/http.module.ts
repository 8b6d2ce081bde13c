import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { HeldBodies } from './held-bodies.js';
import { RecordChanges } from './record-changes.js';

/** What every edge needs of HTTP. */
@Module({
  imports: [AuthModule, StorageModule],
  providers: [HeldBodies, { provide: APP_INTERCEPTOR, useClass: RecordChanges }],
  exports: [HeldBodies],
})
export class HttpModule {}
