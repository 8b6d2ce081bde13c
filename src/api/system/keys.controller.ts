import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { currentOrigin } from '../../access/origin.js';
import { AdminOnly } from '../../access/route-policy.js';
import { Audit } from '../../audit/audit.js';
import { type KeyInfo, SigningKeys } from '../../auth/keys/signing-keys.js';
import type { List } from '../lists/present-list.js';

/** The keys that sign registry tokens; never their private halves. */
@Controller('api/v1/system')
@AdminOnly()
export class KeysController {
  constructor(
    private readonly keys: SigningKeys,
    private readonly audit: Audit,
  ) {}

  /** The key that signs, then those that still verify. There are few, so they come as one list. */
  @Get('keys')
  list(): List<KeyInfo> {
    return { items: this.keys.list().map(presentKey) };
  }

  /** From now on a new key signs; tokens of the old one stay good until they expire. */
  @Post('keys\\:rotate')
  @HttpCode(200)
  async rotate(): Promise<KeyInfo> {
    const key = await this.keys.rotate();
    this.audit.note('key.rotate', key.kid, currentOrigin(), { after: key });
    return presentKey(key);
  }
}

function presentKey({ kid, algorithm, status, createdAt, retiredAt, verifiesUntil }: KeyInfo): KeyInfo {
  return { kid, algorithm, status, createdAt, retiredAt, verifiesUntil };
}
