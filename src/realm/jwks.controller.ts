import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '../access/route-policy.js';
import { SigningKeys } from '../auth/keys/signing-keys.js';

/** The public keys, for Distribution 3 and everybody else who verifies our tokens (RFC 7517 §5). */
@Controller('.well-known/jwks.json')
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  @Get()
  @Public()
  @Header('Cache-Control', 'public, max-age=300')
  jwks(): ReturnType<SigningKeys['jwks']> {
    return this.keys.jwks();
  }
}
