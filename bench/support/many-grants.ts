import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** How much there is: every number of it can be named by `userOf`, `repositoryOf` and `groupOf`. */
export interface Scale {
  readonly users: number;
  readonly repositories: number;
  readonly grants: number;
}

/** Repositories are spread over this many namespaces, members over this many groups. */
const namespaces = 50;
const groups = 100;
const groupsOfAUser = 5;
const wildcardsOfAUser = 20;

export const userOf = (number: number): string => `user${number}`;
export const repositoryOf = (number: number): string => `team${number % namespaces}/app${number}`;

/**
 * Fills the database of a Berth that does not run: users who share the password of `model`, repositories, groups that have a grant on
 * each of them, users with grants on prefixes, and for the rest users with grants on single repositories. Answers how many grants.
 */
export function fillWithGrants(dataDir: string, model: string, { users, repositories, grants }: Scale): number {
  const database = new Sqlite(join(dataDir, 'berth.db'));
  const upTo = (count: number, name: string) =>
    `${name}(${name}) AS (SELECT 0 UNION ALL SELECT ${name} + 1 FROM ${name} WHERE ${name} < ${count - 1})`;
  const numbers = (...lists: readonly [count: number, name: string][]) =>
    `WITH RECURSIVE ${lists.map(([count, name]) => upTo(count, name)).join(', ')}`;
  const flags = (alias: string) => `1, (${alias}) % 2 = 0, (${alias}) % 3 = 0, (${alias}) % 50 = 0, 0`;
  const columns = 'pattern, prefix, can_pull, can_push, can_delete, can_manage, created_at';
  const userId = `(SELECT id FROM users WHERE username = 'user' || u)`;
  const groupId = `(SELECT id FROM "groups" WHERE name = 'group' || g)`;
  const exact = `'team' || (r % ${namespaces}) || '/app' || r, NULL`;
  const below = `'team' || ((u + w) % ${namespaces}) || '/*', 'team' || ((u + w) % ${namespaces}) || '/'`;
  const each = Math.ceil((grants - groups * repositories - wildcardsOfAUser * users) / users);
  const fill = database.transaction(() => {
    const kept = 'role, enabled, password_hash, must_change_password, credential_version, created_at';
    database.exec(`
      ${numbers([users, 'u'])} INSERT INTO users (username, ${kept})
        SELECT 'user' || u, ${kept} FROM users, u WHERE username = '${model}';
      ${numbers([repositories, 'r'])} INSERT INTO repositories (name, visibility, created_at, updated_at)
        SELECT 'team' || (r % ${namespaces}) || '/app' || r, 'private', 0, 0 FROM r;
      ${numbers([groups, 'g'])} INSERT INTO "groups" (name, created_at, updated_at) SELECT 'group' || g, 0, 0 FROM g;
      ${numbers([users, 'u'], [groupsOfAUser, 'm'])} INSERT INTO group_members (group_id, user_id, created_at)
        SELECT (SELECT id FROM "groups" WHERE name = 'group' || ((u + m * 7) % ${groups})), ${userId}, 0 FROM u, m;
      ${numbers([groups, 'g'], [repositories, 'r'])} INSERT INTO grants (group_id, ${columns})
        SELECT ${groupId}, ${exact}, ${flags('g + r')} FROM g, r;
      ${numbers([users, 'u'], [wildcardsOfAUser, 'w'])} INSERT INTO grants (user_id, ${columns})
        SELECT ${userId}, ${below}, ${flags('u + w')} FROM u, w;
      ${numbers([users, 'u'], [each, 'r'])} INSERT INTO grants (user_id, ${columns})
        SELECT ${userId}, ${exact}, ${flags('u + r')} FROM u, r;`);
  });
  fill();
  const [{ count } = { count: 0 }] = database
    .prepare<[], { count: number }>('SELECT COUNT(*) AS count FROM grants')
    .all();
  database.close();
  return count;
}
