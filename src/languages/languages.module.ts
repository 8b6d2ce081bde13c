import { Module } from '@nestjs/common';
import { made } from '../wiring/made.js';
import { Languages } from './languages.js';

/** The languages people read Berth in. */
@Module({
  providers: [made(Languages)],
  exports: [Languages],
})
export class LanguagesModule {}
