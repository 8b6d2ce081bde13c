import { type DynamicModule, Module } from '@nestjs/common';
import { ApiModule } from './api/api.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ChangesModule } from './changes/changes.module.js';
import { CONFIG, DESCRIBED_SETTINGS } from './config/config.js';
import type { Loaded } from './config/load.js';
import { DataDirectory } from './data-directory/data-directory.js';
import { Database } from './database/database.js';
import { DistributionModule } from './distribution/distribution.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { ImagesModule } from './images/images.module.js';
import { IntegrityModule } from './integrity/integrity.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LanguagesModule } from './languages/languages.module.js';
import { LayoutModule } from './layout/layout.module.js';
import { Log } from './logging/logger.js';
import { PermissionsModule } from './permissions/permissions.module.js';
import { RealmModule } from './realm/realm.module.js';
import { RegistryModule } from './registry/registry.module.js';
import { RepositoriesModule } from './repositories/repositories.module.js';
import { StorageModule } from './storage/storage.module.js';
import { UsersModule } from './users/users.module.js';
import { WebModule } from './web/web.module.js';

/** What was decided, for the program and for people. */
export type Settings = Pick<Loaded, 'config' | 'settings'>;

/** What exists before the container does: everything that can refuse to start. */
export interface Foundations extends Settings {
  readonly dataDirectory: DataDirectory;
  readonly database: Database;
  readonly log: Log;
}

const rooms = [
  AuditModule,
  ChangesModule,
  JobsModule,
  LanguagesModule,
  StorageModule,
  UsersModule,
  RepositoriesModule,
  PermissionsModule,
  ImagesModule,
  IntegrityModule,
  LayoutModule,
  AuthModule,
  RegistryModule,
  HttpModule,
  DistributionModule,
  RealmModule,
  ApiModule,
  HealthModule,
];

/** The whole application on its foundations. The only file that imports every room. */
@Module({})
export class AppModule {}

export function applicationOn({ config, settings, dataDirectory, database, log }: Foundations): DynamicModule {
  const providers = [
    { provide: CONFIG, useValue: config },
    { provide: DESCRIBED_SETTINGS, useValue: settings },
    { provide: DataDirectory, useValue: dataDirectory },
    { provide: Database, useValue: database },
    { provide: Log, useValue: log },
  ];
  const imports = config.webEnabled ? [...rooms, WebModule] : rooms;
  return { module: AppModule, global: true, imports, providers, exports: providers };
}
