import { Module } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import { CONFIG } from '../config/config.js';
import { Database } from '../database/database.js';
import { made } from '../wiring/made.js';
import { Repositories } from './repositories.js';

@Module({ providers: [made(Repositories, Database, Changes, CONFIG)], exports: [Repositories] })
export class RepositoriesModule {}
