import { Failure } from '../errors/failure.js';
import type { Sessions } from './sessions.js';
import type { RefreshTokens } from './tokens/refresh-tokens.js';

/** Ends where somebody is signed in, by sessions and by refresh tokens alike: each person their own. */
export class OwnSignIns {
  constructor(
    private readonly sessions: Pick<Sessions, 'revokeAllOf' | 'revokeListed'>,
    private readonly refreshTokens: Pick<RefreshTokens, 'revoke' | 'revokeAllOf'>,
  ) {}

  /** Ends one of the list. Throws NOT_FOUND when the user has no such sign-in. */
  async end(userId: number, id: string): Promise<void> {
    if (await this.sessions.revokeListed(userId, id)) return;
    if (!(await this.refreshTokens.revoke(userId, id))) throw new Failure('NOT_FOUND');
  }

  /** Ends all but the session that asks, if it is one. */
  async endOthers(userId: number, sid: string | undefined): Promise<void> {
    await this.sessions.revokeAllOf(userId, sid);
    await this.refreshTokens.revokeAllOf(userId);
  }
}
