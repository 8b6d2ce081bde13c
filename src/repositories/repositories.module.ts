import { Module } from '@nestjs/common';
import { Repositories } from './repositories.js';

@Module({ providers: [Repositories], exports: [Repositories] })
export class RepositoriesModule {}
