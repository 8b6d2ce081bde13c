import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { HttpModule } from '../http/http.module.js';
import { ImagesModule } from '../images/images.module.js';
import { Jobs } from '../jobs/jobs.js';
import { LanguagesModule } from '../languages/languages.module.js';
import { LayoutModule } from '../layout/layout.module.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { UsersModule } from '../users/users.module.js';
import { made } from '../wiring/made.js';
import { AuditController } from './audit/audit.controller.js';
import { GrantsController } from './grants/grants.controller.js';
import { OwnPermissionsController } from './grants/own-permissions.controller.js';
import { GroupsController } from './groups/groups.controller.js';
import { ImagesController } from './images/images.controller.js';
import { TagsController } from './images/tags.controller.js';
import { JobFollowers } from './jobs/job-followers.js';
import { JobsController } from './jobs/jobs.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { RepositoriesController } from './repositories/repositories.controller.js';
import { RobotsController } from './robots/robots.controller.js';
import { SessionsController } from './sign-in/sessions.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { StatsController } from './stats/stats.controller.js';
import { InfoController } from './system/info.controller.js';
import { Installation } from './system/installation.js';
import { KeysController } from './system/keys.controller.js';
import { LayoutController } from './system/layout.controller.js';
import { SettingsController } from './system/settings.controller.js';
import { TokensController } from './tokens/tokens.controller.js';
import { UploadsController } from './uploads/uploads.controller.js';
import { UsersController } from './users/users.controller.js';

/** The REST API under /api/v1. */
@Module({
  imports: [
    AuthModule,
    UsersModule,
    PermissionsModule,
    RepositoriesModule,
    ImagesModule,
    LayoutModule,
    HttpModule,
    RegistryModule,
    StorageModule,
    LanguagesModule,
  ],
  controllers: [
    SignInController,
    SessionsController,
    OwnPermissionsController,
    UsersController,
    GroupsController,
    RobotsController,
    TokensController,
    UploadsController,
    RepositoriesController,
    TagsController,
    ImagesController,
    GrantsController,
    StatsController,
    InfoController,
    SettingsController,
    KeysController,
    LayoutController,
    JobsController,
    AuditController,
    OpenApiController,
  ],
  providers: [Installation, made(JobFollowers, Jobs)],
  exports: [JobFollowers],
})
export class ApiModule {}
