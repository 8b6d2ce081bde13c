import { clock } from '../../async/clock.js';
import { andThen, type MaybeAsync } from '../../async/maybe-async.js';
import { ReadCache } from '../../async/read-cache.js';
import type { Changes } from '../../changes/changes.js';
import type { Database } from '../../database/database.js';
import { isUsable, type Robot } from '../robots/robot.js';
import type { Robots } from '../robots/robots.js';
import type { User } from '../user.js';
import type { Users } from '../users.js';
import type { AccessToken } from './access-token.js';
import { type AccessTokens, whatChangesTokens } from './access-tokens.js';
import { hasExpired } from './expiry.js';
import { hashSecret, secretKind } from './secret.js';
import { SecretStore } from './secrets.store.js';

/** Which secret it was, as something issued for it remembers it. */
export type SecretReference =
  | { readonly kind: 'robot'; readonly robotId: number; readonly secretId: number }
  | { readonly kind: 'token'; readonly tokenId: number };

/** Whose secret it is. */
export type SecretOwner =
  | { readonly kind: 'robot'; readonly robot: Robot; readonly secretId: number }
  /** The token belongs to the user, who is enabled. */
  | { readonly kind: 'token'; readonly token: AccessToken; readonly user: User };

/** Secrets whose owner is remembered. */
const cacheLimit = 10_000;

/**
 * Finds the owner of a robot's secret or a personal access token: one look-up by its SHA-256, remembered until a robot or a token
 * changes. Whether the owner may still use it is asked anew each time. Never bcrypt: the secrets are random.
 */
export class SecretCredentials {
  readonly #known = new ReadCache<string, SecretReference | undefined>(cacheLimit);
  readonly #store: SecretStore;

  constructor(
    database: Database,
    changes: Changes,
    private readonly accounts: {
      readonly robots: Robots;
      readonly tokens: AccessTokens;
      readonly users: Pick<Users, 'findById'>;
    },
  ) {
    this.#store = new SecretStore(database);
    const robots = ['robot.update', 'robot.delete', 'robot.secret-add', 'robot.secret-remove'] as const;
    changes.onCommitted([...whatChangesTokens, ...robots], () => this.#known.clear());
  }

  /**
   * The owner, or undefined for every other text, an unknown, expired or removed secret, an owner who is disabled, and a `name` that is
   * not the owner's. Returns immediately for a secret it has met. A use is noted with the address.
   */
  check(secret: string, from: { name?: string; address: string }): MaybeAsync<SecretOwner | undefined> {
    const kind = secretKind(secret);
    if (kind !== 'robot' && kind !== 'token') return undefined;
    const hash = hashSecret(secret);
    const reference = this.#known.get(hash) ?? this.#known.fill(hash, () => this.#find(kind, hash));
    return andThen(reference, (found) =>
      andThen(found && this.stillGood(found), (owner) => {
        if (owner === undefined || (from.name !== undefined && from.name !== nameOf(owner))) return undefined;
        this.#noteUse(owner, from.address);
        return owner;
      }),
    );
  }

  /** The owner as it is now, when the secret would still be accepted. Returns immediately for owners it has met: for every request by something issued earlier. */
  stillGood(reference: SecretReference): MaybeAsync<SecretOwner | undefined> {
    const { robots, tokens, users } = this.accounts;
    if (reference.kind === 'robot')
      return andThen(robots.findById(reference.robotId), (robot) => this.#asRobot(robot, reference.secretId));
    return andThen(tokens.findById(reference.tokenId), (token) => {
      if (token === undefined || hasExpired(token, clock.wall())) return undefined;
      return andThen(users.findById(token.userId), (user): SecretOwner | undefined =>
        user?.enabled ? { kind: 'token', token, user } : undefined,
      );
    });
  }

  #asRobot(robot: Robot | undefined, secretId: number): SecretOwner | undefined {
    const secret = robot?.secrets.find(({ id }) => id === secretId);
    if (robot === undefined || secret === undefined) return undefined;
    return isUsable(robot, clock.wall()) && !hasExpired(secret, clock.wall())
      ? { kind: 'robot', robot, secretId }
      : undefined;
  }

  async #find(kind: 'robot' | 'token', hash: string): Promise<SecretReference | undefined> {
    if (kind === 'robot') {
      const row = await this.#store.ofRobot(hash);
      return row && { kind, ...row };
    }
    const row = await this.#store.ofToken(hash);
    return row && { kind, ...row };
  }

  #noteUse(owner: SecretOwner, address: string): void {
    if (owner.kind === 'robot') this.accounts.robots.noteUse(owner.secretId, address);
    else this.accounts.tokens.noteUse(owner.token.id, address);
  }
}

function nameOf(owner: SecretOwner): string {
  return owner.kind === 'robot' ? owner.robot.name : owner.user.username;
}
