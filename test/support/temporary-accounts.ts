import { clock } from '../../src/async/clock.js';
import { Changes } from '../../src/changes/changes.js';
import { userEntities } from '../../src/users/entities.js';
import { Groups } from '../../src/users/groups/groups.js';
import { Robots } from '../../src/users/robots/robots.js';
import { Sessions } from '../../src/users/sessions.js';
import { SignIns } from '../../src/users/sign-ins.store.js';
import { AccessTokens } from '../../src/users/tokens/access-tokens.js';
import { RefreshTokens } from '../../src/users/tokens/refresh-tokens.js';
import { SecretCredentials } from '../../src/users/tokens/secret-credentials.js';
import type { User } from '../../src/users/user.js';
import { Users } from '../../src/users/users.js';
import { temporaryDatabase } from './temporary-database.js';

/** The whole room of accounts over a real temporary database, with one user, ada, and a clock that stands still until it is moved. */
export async function temporaryAccounts() {
  const { database, remove } = await temporaryDatabase({ entities: userEntities });
  const changes = new Changes(database);
  const real = clock.wall;
  let now = Date.UTC(2030, 0, 1);
  clock.wall = () => now;
  // Nobody's password is checked here.
  const users = new Users(database, changes, { hash: async () => 'no hash' });
  const robots = new Robots(database, changes);
  const tokens = new AccessTokens(database, changes);
  const user = async (username: string): Promise<User> =>
    (await users.create({ username, password: 'four green bottles', role: 'user' })).user;

  return {
    database,
    changes,
    users,
    robots,
    tokens,
    user,
    groups: new Groups(database, changes),
    sessions: new Sessions(database, changes, { idleMs: 60_000, lifeMs: 600_000 }),
    signIns: new SignIns(database),
    refreshTokens: new RefreshTokens(database, changes, users),
    credentials: new SecretCredentials(database, changes, { robots, tokens, users }),
    ada: await user('ada'),
    /** Moves the clock on by milliseconds. */
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** The time in so many milliseconds. */
    at: (milliseconds: number) => new Date(now + milliseconds),
    remove: async () => {
      clock.wall = real;
      await remove();
    },
  };
}

export type TemporaryAccounts = Awaited<ReturnType<typeof temporaryAccounts>>;
