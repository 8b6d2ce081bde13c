import { exactPattern } from '../access/pattern.js';
import type { Repositories } from '../repositories/repositories.js';
import type { AccessTokens } from '../users/tokens/access-tokens.js';

/** From now on the scopes of personal access tokens follow repositories that are renamed, and end with those that are removed, as grants do. */
export function letScopesFollow(repositories: Repositories, tokens: AccessTokens): void {
  repositories.onRename((tx, from, to) => tokens.follow(tx, exactPattern(from), exactPattern(to)));
  repositories.onRemove((tx, name) => tokens.endScopes(tx, exactPattern(name)));
}
