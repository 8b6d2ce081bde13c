import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { HttpModule } from '../http/http.module.js';
import { PageErrors } from '../http/page-errors.js';
import { Csrf } from '../http/session/csrf.js';
import { ImagesModule } from '../images/images.module.js';
import { Languages } from '../languages/languages.js';
import { LanguagesModule } from '../languages/languages.module.js';
import { Permissions } from '../permissions/permissions.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { UsersModule } from '../users/users.module.js';
import { made } from '../wiring/made.js';
import { AccountController } from './account/account.controller.js';
import { PasswordController } from './account/password.controller.js';
import { PreferencesController } from './account/preferences.controller.js';
import { HelpController } from './help/help.controller.js';
import { ImagePages } from './image/image.controller.js';
import { Flashes } from './navigation/flash.js';
import { Pages } from './navigation/pages.js';
import { ConsoleErrors } from './page-errors.js';
import { PermissionsPages } from './permissions/permissions.controller.js';
import { ReferencePages } from './reference/reference.controller.js';
import { AssetsController } from './rendering/assets.controller.js';
import { Assets } from './rendering/assets.js';
import { Views } from './rendering/views.js';
import { RepositoriesPages } from './repositories/repositories.controller.js';
import { RepositoryAddress } from './repository/address.controller.js';
import { RepositoryPermissionsPages } from './repository/permissions.controller.js';
import { SettingsPages } from './repository/settings.controller.js';
import { ShownRepositories } from './repository/shown-repository.js';
import { TagsPages } from './repository/tags.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { UsersPages } from './users/users.controller.js';

/** The console: pages rendered here, working without script. */
@Module({
  imports: [LanguagesModule, UsersModule, RepositoriesModule, PermissionsModule, ImagesModule, HttpModule],
  controllers: [
    PreferencesController,
    AssetsController,
    SignInController,
    PasswordController,
    AccountController,
    HelpController,
    ReferencePages,
    RepositoriesPages,
    TagsPages,
    ImagePages,
    SettingsPages,
    RepositoryPermissionsPages,
    RepositoryAddress, // behind all that are below a repository
    PermissionsPages,
    UsersPages,
  ],
  providers: [
    made(Assets),
    made(Views, Assets),
    {
      provide: Pages,
      inject: [CONFIG, Languages, Views, Csrf, DataDirectory],
      useFactory: (config: Config, languages: Languages, views: Views, csrf: Csrf, directory: DataDirectory) =>
        new Pages(config, languages, views, csrf, new Flashes(directory.deriveKey('flash'))),
    },
    made(ShownRepositories, Repositories, Permissions, CONFIG),
    { provide: PageErrors, inject: [Pages], useFactory: (pages: Pages) => new ConsoleErrors(pages) },
  ],
  exports: [PageErrors],
})
export class WebModule {}
