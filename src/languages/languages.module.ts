import { Module } from '@nestjs/common';
import { Languages } from './languages.js';

/** The languages people read Berth in. */
@Module({
  providers: [{ provide: Languages, useFactory: () => new Languages() }],
  exports: [Languages],
})
export class LanguagesModule {}
