import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { HttpModule } from '../http/http.module.js';
import { JwksController } from './jwks.controller.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenRefusal } from './token-refusal.js';

/** The token realm on HTTP, and the keys its tokens are verified with. Its entry is `TokenEndpoint`, which the HTTP server calls past Express. */
@Module({
  imports: [AuthModule, HttpModule],
  controllers: [JwksController],
  providers: [TokenRefusal, TokenEndpoint],
  exports: [TokenEndpoint],
})
export class RealmModule {}
