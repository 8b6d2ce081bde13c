import { type EntityManager, type FindOperator, In, MoreThan } from 'typeorm';
import { record } from '../../audit/record.js';
import type { Database, PreparedRead } from '../../database/database.js';
import { violatesUnique } from '../../database/dialect.js';
import { type Page, pageOf } from '../../database/page.js';
import { ReadCache } from '../../database/read-cache.js';
import { Failure } from '../../errors/failure.js';
import type { AccountEnd } from '../account-end.js';
import { assertDescription } from '../description.js';
import { foundPage, type NameQuery } from '../found-page.store.js';
import { assertNotExpired, hasExpired } from '../tokens/expiry.js';
import { LastUses } from '../tokens/last-uses.js';
import { makeSecret } from '../tokens/secret.js';
import { RobotEntity } from './robot.entity.js';
import { isNamespace, isRobotName, namespaceRule, type Robot, robotNameRule, toRobot } from './robot.js';
import { RobotSecretEntity } from './robot-secret.entity.js';

export interface NewRobot {
  readonly namespace: string;
  /** The part behind the `+`. */
  readonly name: string;
  readonly description?: string;
  readonly expiresAt?: Date | null;
}

export interface RobotChanges {
  readonly description?: string;
  readonly enabled?: boolean;
  readonly expiresAt?: Date | null;
}

export interface RobotQuery extends NameQuery {
  readonly namespace?: string;
}

/** What somebody is about to do to a robot. */
export interface RobotChange {
  readonly robot: Pick<Robot, 'id' | 'namespace'>;
  /** Whether the robot, or whoever gets its secret, can do more by it: a secret, being enabled, another end. */
  readonly empowers: boolean;
}

/** Asked inside the transaction of a change, before anything is changed, whether whoever wants it may; throws when not. */
export type RobotGuard = (change: RobotChange) => Promise<void>;

/** Where `q` is searched. */
const searched = ['name', 'description'];
/** So that a new secret is in place everywhere before the old one goes. */
const maxSecrets = 2;
/** Robots that `findById` remembers. */
const cacheLimit = 10_000;

/** Accounts of programs: a name below a namespace, up to two secrets, never an administrator. */
export class Robots {
  readonly #known = new ReadCache<number, Robot | undefined>(cacheLimit);
  readonly #listeners: ((robotId: number) => void)[] = [];
  readonly #ends: AccountEnd[] = [];
  readonly #uses: LastUses<number>;
  readonly #beside: PreparedRead<object>;

  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.#beside = database.prepare(
      `SELECT 1 FROM robots WHERE name >= ? AND name < ?
        UNION ALL SELECT 1 FROM robots WHERE name >= ? AND name < ? LIMIT 1 OFFSET ?`,
    );
    this.#uses = new LastUses((uses) => {
      const written = database.write(async (tx) => {
        for (const { id, at, address } of uses)
          await tx.update(RobotSecretEntity, { id }, { lastUsedAt: at, lastUsedAddress: address });
      });
      return written.finally(() => this.#known.clear());
    }, now);
  }

  /** By name in byte order; `q` is searched in names and descriptions, for `by`. */
  async list({ namespace, limit, cursor = '', q = '', by }: RobotQuery): Promise<Page<Robot>> {
    const only: { namespace?: string } = namespace === undefined ? {} : { namespace };
    const find = async (name: FindOperator<string>, take: number) => {
      const where = { name, ...only };
      const rows = await this.database.read.find(RobotEntity, { where, order: { name: 'ASC' }, take });
      return withSecrets(rows, this.database.read);
    };
    if (q === '') return pageOf(await find(MoreThan(cursor), limit + 1), limit, ({ name }) => name);
    const search = { table: 'robots', name: 'name', searched, only, limit, cursor, q, by };
    return foundPage(this.database, search, (names) => find(In(names), limit));
  }

  /** Whether there are so many in namespaces with the same first part. */
  async areBeside(namespace: string, many: number): Promise<boolean> {
    const [root = ''] = namespace.split('/', 1);
    // `,` follows the plus in the order of bytes, `0` the slash.
    return (await this.#beside.find(`${root}+`, `${root},`, `${root}/`, `${root}0`, many - 1)) !== undefined;
  }

  /** By its whole name. */
  async find(name: string): Promise<Robot | undefined> {
    const rows = await this.database.read.findBy(RobotEntity, { name });
    return (await withSecrets(rows, this.database.read))[0];
  }

  /** Answers at once for a robot it has met since its last change, because every request of it asks this; `lastUsedAt` may be older. */
  findById(id: number): Robot | undefined | Promise<Robot | undefined> {
    return (
      this.#known.get(id) ??
      this.#known.fill(id, async () => {
        const rows = await this.database.read.findBy(RobotEntity, { id });
        return (await withSecrets(rows, this.database.read))[0];
      })
    );
  }

  /** The secret is told once and kept nowhere. Throws VALIDATION_FAILED or CONFLICT. */
  async create(
    input: NewRobot,
    guard?: (namespace: string) => Promise<void>,
  ): Promise<{ robot: Robot; secret: string }> {
    const { namespace, name, description = '', expiresAt = null } = input;
    const problems = [
      ...(isNamespace(namespace) ? [] : [{ pointer: '/namespace', message: namespaceRule }]),
      ...(isRobotName(name) ? [] : [{ pointer: '/name', message: robotNameRule }]),
    ];
    if (problems.length > 0) throw new Failure('VALIDATION_FAILED', { detail: problems });
    assertDescription(description);
    assertNotExpired({ expiresAt }, this.now());
    const now = new Date(this.now());
    const robot = { namespace, name: `${namespace}+${name}`, description, enabled: true, credentialVersion: 1 };
    return this.database
      .write(async (tx) => {
        await guard?.(namespace);
        const row = await tx.save(RobotEntity, { ...robot, createdAt: now, updatedAt: now, expiresAt });
        const { secret, row: kept } = await this.#insertSecret(row, null, tx);
        await record(tx, 'robot.create', row.name, { after: row });
        return { robot: toRobot(row, [kept]), secret };
      })
      .catch((error: unknown) => {
        if (!violatesUnique(error)) throw error;
        throw new Failure('CONFLICT', { message: 'there is a robot of this name already', cause: error });
      });
  }

  /** Disabling voids what was issued to it. Throws NOT_FOUND or VALIDATION_FAILED. */
  async update(name: string, changes: RobotChanges, guard?: RobotGuard): Promise<Robot> {
    assertDescription(changes.description);
    if (changes.expiresAt !== undefined) assertNotExpired({ expiresAt: changes.expiresAt }, this.now());
    return this.#change(name, async (robot, tx) => {
      const before = { ...robot };
      await guard?.({ robot, empowers: empowers(robot, changes) });
      const { description = robot.description, enabled = robot.enabled, expiresAt = robot.expiresAt } = changes;
      const credentialVersion = robot.credentialVersion + (robot.enabled && !enabled ? 1 : 0);
      Object.assign(robot, { description, enabled, expiresAt, credentialVersion, updatedAt: new Date(this.now()) });
      await tx.save(robot);
      await record(tx, 'robot.update', name, { before, after: robot });
      return toRobot(robot, await secretsOf(robot, tx));
    });
  }

  /** With it go its secrets and grants. Throws NOT_FOUND. */
  async remove(name: string, guard?: RobotGuard): Promise<void> {
    await this.#change(name, async (before, tx) => {
      await guard?.({ robot: before, empowers: false });
      for (const end of this.#ends) await end(tx, before);
      await tx.delete(RobotEntity, { id: before.id });
      await record(tx, 'robot.delete', name, { before });
    });
  }

  /** One more secret beside the one it has. Throws NOT_FOUND, VALIDATION_FAILED, and CONFLICT for a third one. */
  async addSecret(
    name: string,
    { expiresAt = null }: { expiresAt?: Date | null } = {},
    guard?: RobotGuard,
  ): Promise<{ id: number; secret: string }> {
    assertNotExpired({ expiresAt }, this.now());
    return this.#change(name, async (robot, tx) => {
      await guard?.({ robot, empowers: true });
      const secrets = await secretsOf(robot, tx);
      const dead = secrets.filter((secret) => hasExpired(secret, this.now()));
      if (secrets.length - dead.length >= maxSecrets)
        throw new Failure('CONFLICT', { message: `a robot has at most ${maxSecrets} secrets: remove one first` });
      await tx.remove(dead);
      const { secret, row } = await this.#insertSecret(robot, expiresAt, tx);
      await record(tx, 'robot.secret-add', name, { after: row });
      return { id: row.id, secret };
    });
  }

  /** The secret and what was issued for it are refused from now on. Throws NOT_FOUND, also for the secret of another robot. */
  async removeSecret(name: string, id: number, guard?: RobotGuard): Promise<void> {
    await this.#change(name, async (robot, tx) => {
      await guard?.({ robot, empowers: false });
      const before = await tx.findOneBy(RobotSecretEntity, { id, robotId: robot.id });
      if (before === null) throw new Failure('NOT_FOUND');
      await tx.delete(RobotSecretEntity, { id });
      await record(tx, 'robot.secret-remove', name, { before });
    });
  }

  /** Notes that a secret was used; written down later, at most once a minute. */
  noteUse(secretId: number, address: string): void {
    this.#uses.note(secretId, address);
  }

  /** Writes the uses that wait. */
  onModuleDestroy(): Promise<void> {
    return this.#uses.flush();
  }

  /** Called inside the transaction of every removal, while the robot is still there. */
  onRemove(end: AccountEnd): void {
    this.#ends.push(end);
  }

  /** Hears of every robot that changed or went, before the change is acknowledged. */
  onChange(listener: (robotId: number) => void): void {
    this.#listeners.push(listener);
  }

  async #insertSecret(robot: RobotEntity, expiresAt: Date | null, tx: EntityManager) {
    const { secret, hash, hint } = makeSecret('robot');
    const createdAt = new Date(this.now());
    const used = { lastUsedAt: null, lastUsedAddress: null };
    const row = await tx.save(RobotSecretEntity, { robotId: robot.id, hash, hint, createdAt, expiresAt, ...used });
    return { secret, row };
  }

  async #change<T>(name: string, work: (robot: RobotEntity, tx: EntityManager) => Promise<T>): Promise<T> {
    let id: number | undefined;
    try {
      return await this.database.write(async (tx) => {
        const robot = await tx.findOneBy(RobotEntity, { name });
        if (robot === null) throw noSuchRobot();
        id = robot.id;
        return work(robot, tx);
      });
    } finally {
      this.#known.clear();
      if (id !== undefined) for (const listener of this.#listeners) listener(id);
    }
  }
}

export const noSuchRobot = (): Failure => new Failure('NOT_FOUND', { message: 'there is no such robot' });

/** Whether these changes let it do something that it could not do, or for longer; another end counts, earlier or later. */
function empowers(robot: RobotEntity, { enabled, expiresAt }: RobotChanges): boolean {
  const otherEnd = expiresAt !== undefined && expiresAt?.getTime() !== robot.expiresAt?.getTime();
  return otherEnd || (enabled === true && !robot.enabled);
}

function secretsOf({ id }: RobotEntity, manager: EntityManager): Promise<RobotSecretEntity[]> {
  return manager.find(RobotSecretEntity, { where: { robotId: id }, order: { id: 'ASC' } });
}

/** One query for a page, whatever its length. */
async function withSecrets(robots: readonly RobotEntity[], manager: EntityManager): Promise<Robot[]> {
  if (robots.length === 0) return [];
  const robotId = In(robots.map(({ id }) => id));
  const secrets = await manager.find(RobotSecretEntity, { where: { robotId }, order: { id: 'ASC' } });
  const owned = new Map(robots.map((robot): [number, RobotSecretEntity[]] => [robot.id, []]));
  for (const secret of secrets) owned.get(secret.robotId)?.push(secret);
  return robots.map((robot) => toRobot(robot, owned.get(robot.id) ?? []));
}
