import { type EntityManager, type FindOperator, In, MoreThan } from 'typeorm';
import type { Database, PreparedRead } from '../../database/database.js';
import { lockName, lockRow } from '../../database/dialect.js';
import { type Page, pageOf } from '../../database/page.js';
import { foundPage } from '../found-page.store.js';
import { RobotEntity } from './robot.entity.js';
import { type Robot, type RobotQuery, toRobot } from './robot.js';
import { RobotSecretEntity } from './robot-secret.entity.js';

/** Where `q` is searched. */
const searched = ['name', 'description'];

/** The rows of robots and of their secrets. */
export class RobotStore {
  /** Prepared: it is asked within the transactions of others, and stops at a limit. */
  readonly #inRanges: PreparedRead<object>;

  constructor(private readonly database: Database) {
    this.#inRanges = database.prepare(
      `SELECT 1 FROM robots WHERE name >= ? AND name < ?
        UNION ALL SELECT 1 FROM robots WHERE name >= ? AND name < ? LIMIT 1 OFFSET ?`,
    );
  }

  /** By name in byte order; `q` is searched in names and descriptions, for `by`. */
  async page({ namespace, limit, cursor = '', q = '', by }: RobotQuery): Promise<Page<Robot>> {
    const only: { namespace?: string } = namespace === undefined ? {} : { namespace };
    const find = async (name: FindOperator<string>, take: number) => {
      const where = { name, ...only };
      return this.#withSecrets(await this.database.read.find(RobotEntity, { where, order: { name: 'ASC' }, take }));
    };
    if (q === '') return pageOf(await find(MoreThan(cursor), limit + 1), limit, ({ name }) => name);
    const search = { table: 'robots', name: 'name', searched, only, limit, cursor, q, by };
    return foundPage(this.database, search, (names) => find(In(names), limit));
  }

  /** Whether there are so many in namespaces with this first part. */
  async areBelow(root: string, many: number): Promise<boolean> {
    // `,` follows the plus in the order of bytes, `0` the slash.
    return (await this.#inRanges.find(`${root}+`, `${root},`, `${root}/`, `${root}0`, many - 1)) !== undefined;
  }

  async find(which: { readonly name: string } | { readonly id: number }): Promise<Robot | undefined> {
    const [robot] = await this.#withSecrets(await this.database.read.findBy(RobotEntity, which));
    return robot;
  }

  /** One query for a page, whatever its length. */
  async #withSecrets(robots: readonly RobotEntity[]): Promise<Robot[]> {
    if (robots.length === 0) return [];
    const robotId = In(robots.map(({ id }) => id));
    const secrets = await this.database.read.find(RobotSecretEntity, { where: { robotId }, order: { id: 'ASC' } });
    const owned = new Map(robots.map((robot): [number, RobotSecretEntity[]] => [robot.id, []]));
    for (const secret of secrets) owned.get(secret.robotId)?.push(secret);
    return robots.map((robot) => toRobot(robot, owned.get(robot.id) ?? []));
  }
}

export function insertRobot(tx: EntityManager, row: Omit<RobotEntity, 'id'>): Promise<RobotEntity> {
  return tx.save(RobotEntity, row);
}

/** A row to change and to give to {@link saveRobot}; locked, and with it how many secrets it has. */
export async function robotToChange(tx: EntityManager, name: string): Promise<RobotEntity | null> {
  await lockRow(tx, RobotEntity, { name });
  return tx.findOneBy(RobotEntity, { name });
}

export async function saveRobot(tx: EntityManager, robot: RobotEntity): Promise<void> {
  await tx.save(robot);
}

/** To be called before counting the robots below the first part of a name, so that no other is made meanwhile. */
export function lockRobotsBelow(tx: EntityManager, root: string): Promise<void> {
  return lockName(tx, `robots below ${root}`);
}

/** With it go its secrets. */
export async function deleteRobot(tx: EntityManager, id: number): Promise<void> {
  await tx.delete(RobotEntity, { id });
}

/** The older one first. */
export function secretsOf(tx: EntityManager, robotId: number): Promise<RobotSecretEntity[]> {
  return tx.find(RobotSecretEntity, { where: { robotId }, order: { id: 'ASC' } });
}

export function insertSecret(tx: EntityManager, row: Omit<RobotSecretEntity, 'id'>): Promise<RobotSecretEntity> {
  return tx.save(RobotSecretEntity, row);
}

export async function deleteSecrets(tx: EntityManager, secrets: RobotSecretEntity[]): Promise<void> {
  await tx.remove(secrets);
}

/** Gives what went; undefined when the robot has no such secret. */
export async function deleteSecret(
  tx: EntityManager,
  which: { readonly id: number; readonly robotId: number },
): Promise<RobotSecretEntity | undefined> {
  const secret = await tx.findOneBy(RobotSecretEntity, which);
  if (secret !== null) await tx.delete(RobotSecretEntity, which);
  return secret ?? undefined;
}

export async function updateSecretUse(
  tx: EntityManager,
  id: number,
  use: Pick<RobotSecretEntity, 'lastUsedAt' | 'lastUsedAddress'>,
): Promise<void> {
  await tx.update(RobotSecretEntity, { id }, use);
}
