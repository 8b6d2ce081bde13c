import type { EntityManager } from 'typeorm';
import { clock } from '../../async/clock.js';
import { ReadCache } from '../../async/read-cache.js';
import type { Changes } from '../../changes/changes.js';
import type { ChangeKind } from '../../changes/kinds.js';
import type { Database } from '../../database/database.js';
import { violatesUnique } from '../../database/dialect.js';
import type { Page } from '../../database/page.js';
import { Failure } from '../../errors/failure.js';
import type { AccountEnd } from '../account-end.js';
import { assertDescription } from '../description.js';
import { assertNotExpired, hasExpired } from '../tokens/expiry.js';
import { LastUses } from '../tokens/last-uses.js';
import { makeSecret } from '../tokens/secret.js';
import type { RobotEntity } from './robot.entity.js';
import {
  isNamespace,
  isRobotName,
  namespaceRule,
  type Robot,
  type RobotQuery,
  robotNameRule,
  toRobot,
} from './robot.js';
import {
  deleteRobot,
  deleteSecret,
  deleteSecrets,
  insertRobot,
  insertSecret,
  lockRobotsBelow,
  RobotStore,
  robotToChange,
  saveRobot,
  secretsOf,
  updateSecretUse,
} from './robots.store.js';

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

/** What somebody is about to do to a robot. */
export interface RobotChange {
  readonly robot: Robot;
  /** Whether the robot, or whoever gets its secret, can do more by it: a secret, being enabled, another end. */
  readonly empowers: boolean;
}

/** Asked inside the transaction of a change, before anything is changed, whether whoever wants it may; throws when not. */
export type RobotGuard = (change: RobotChange) => Promise<void>;

/** So that a new secret is in place everywhere before the old one goes. */
const maxSecrets = 2;
/** Robots that `findById` remembers. */
const cacheLimit = 10_000;

/** Accounts of programs: a name below a namespace, up to two secrets, never an administrator. */
export class Robots {
  readonly #store: RobotStore;
  readonly #known = new ReadCache<number, Robot | undefined>(cacheLimit);
  readonly #ends: AccountEnd[] = [];
  readonly #uses: LastUses<number>;

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
  ) {
    this.#store = new RobotStore(database);
    const dropped = ['robot.update', 'robot.delete', 'robot.secret-add', 'robot.secret-remove'] as const;
    changes.onCommitted(dropped, () => this.#known.clear());
    this.#uses = new LastUses((uses) => {
      const written = database.write(async (tx) => {
        for (const { id, at, address } of uses)
          await updateSecretUse(tx, id, { lastUsedAt: at, lastUsedAddress: address });
      });
      return written.finally(() => this.#known.clear());
    });
  }

  /** By name in byte order; `q` is searched in names and descriptions, for `by`. */
  list(query: RobotQuery): Promise<Page<Robot>> {
    return this.#store.page(query);
  }

  /** Whether there are so many in namespaces with the same first part. Asked by the guard of {@link create} it stays so. */
  async areBeside(namespace: string, many: number): Promise<boolean> {
    return this.#store.areBelow(rootOf(namespace), many);
  }

  /** By its whole name. */
  find(name: string): Promise<Robot | undefined> {
    return this.#store.find({ name });
  }

  /** Answers at once for a robot it has met since its last change, because every request of it asks this; `lastUsedAt` may be older. */
  findById(id: number): Robot | undefined | Promise<Robot | undefined> {
    return this.#known.get(id) ?? this.#known.fill(id, () => this.#store.find({ id }));
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
    assertNotExpired({ expiresAt }, clock.wall());
    const now = new Date(clock.wall());
    const robot = { namespace, name: `${namespace}+${name}`, description, enabled: true, credentialVersion: 1 };
    return this.database
      .write(async (tx) => {
        await lockRobotsBelow(tx, rootOf(namespace));
        await guard?.(namespace);
        const row = await insertRobot(tx, { ...robot, createdAt: now, updatedAt: now, expiresAt });
        const { secret, row: kept } = await this.#insertSecret(row, null, tx);
        await this.#record(tx, 'robot.create', row, { after: row });
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
    if (changes.expiresAt !== undefined) assertNotExpired({ expiresAt: changes.expiresAt }, clock.wall());
    return this.#change(name, async (robot, tx) => {
      const before = { ...robot };
      await guard?.({ robot: await whole(robot, tx), empowers: empowers(robot, changes) });
      const { description = robot.description, enabled = robot.enabled, expiresAt = robot.expiresAt } = changes;
      const credentialVersion = robot.credentialVersion + (robot.enabled && !enabled ? 1 : 0);
      Object.assign(robot, { description, enabled, expiresAt, credentialVersion, updatedAt: new Date(clock.wall()) });
      await saveRobot(tx, robot);
      await this.#record(tx, 'robot.update', robot, { before, after: robot });
      return whole(robot, tx);
    });
  }

  /** With it go its secrets and grants. Throws NOT_FOUND. */
  async remove(name: string, guard?: RobotGuard): Promise<void> {
    await this.#change(name, async (before, tx) => {
      await guard?.({ robot: await whole(before, tx), empowers: false });
      for (const end of this.#ends) await end(tx, before);
      await deleteRobot(tx, before.id);
      await this.#record(tx, 'robot.delete', before, { before });
    });
  }

  /** One more secret beside the one it has. Throws NOT_FOUND, VALIDATION_FAILED, and CONFLICT for a third one. */
  async addSecret(
    name: string,
    { expiresAt = null }: { expiresAt?: Date | null } = {},
    guard?: RobotGuard,
  ): Promise<{ id: number; secret: string }> {
    assertNotExpired({ expiresAt }, clock.wall());
    return this.#change(name, async (robot, tx) => {
      await guard?.({ robot: await whole(robot, tx), empowers: true });
      const secrets = await secretsOf(tx, robot.id);
      const dead = secrets.filter((secret) => hasExpired(secret, clock.wall()));
      if (secrets.length - dead.length >= maxSecrets)
        throw new Failure('CONFLICT', { message: `a robot has at most ${maxSecrets} secrets: remove one first` });
      await deleteSecrets(tx, dead);
      const { secret, row } = await this.#insertSecret(robot, expiresAt, tx);
      await this.#recordSecret(tx, 'robot.secret-add', robot, row.id, { after: row });
      return { id: row.id, secret };
    });
  }

  /** The secret and what was issued for it are refused from now on. Throws NOT_FOUND, also for the secret of another robot. */
  async removeSecret(name: string, id: number, guard?: RobotGuard): Promise<void> {
    await this.#change(name, async (robot, tx) => {
      await guard?.({ robot: await whole(robot, tx), empowers: false });
      const before = await deleteSecret(tx, { id, robotId: robot.id });
      if (before === undefined) throw new Failure('NOT_FOUND');
      await this.#recordSecret(tx, 'robot.secret-remove', robot, id, { before });
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

  async #insertSecret(robot: RobotEntity, expiresAt: Date | null, tx: EntityManager) {
    const { secret, hash, hint } = makeSecret('robot');
    const createdAt = new Date(clock.wall());
    const used = { lastUsedAt: null, lastUsedAddress: null };
    const row = await insertSecret(tx, { robotId: robot.id, hash, hint, createdAt, expiresAt, ...used });
    return { secret, row };
  }

  #change<T>(name: string, work: (robot: RobotEntity, tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.write(async (tx) => {
      const robot = await robotToChange(tx, name);
      if (robot === null) throw noSuchRobot();
      return work(robot, tx);
    });
  }

  #record(
    tx: EntityManager,
    kind: 'robot.create' | 'robot.update' | 'robot.delete',
    { id, name, enabled }: RobotEntity,
    states: { readonly before?: object; readonly after?: object },
  ): Promise<void> {
    return this.changes.record(tx, { kind, id, payload: { robot: name, enabled }, audit: { name, ...states } });
  }

  #recordSecret(
    tx: EntityManager,
    kind: Extract<ChangeKind, `robot.secret-${string}`>,
    { id, name }: RobotEntity,
    secretId: number,
    states: { readonly before?: object; readonly after?: object },
  ): Promise<void> {
    return this.changes.record(tx, { kind, id, payload: { robot: name, secretId }, audit: { name, ...states } });
  }
}

export const noSuchRobot = (): Failure => new Failure('NOT_FOUND', { message: 'there is no such robot' });

function rootOf(namespace: string): string {
  const [root = ''] = namespace.split('/', 1);
  return root;
}

async function whole(robot: RobotEntity, tx: EntityManager): Promise<Robot> {
  return toRobot(robot, await secretsOf(tx, robot.id));
}

/** Whether these changes let it do something that it could not do, or for longer; another end counts, earlier or later. */
function empowers(robot: RobotEntity, { enabled, expiresAt }: RobotChanges): boolean {
  const otherEnd = expiresAt !== undefined && expiresAt?.getTime() !== robot.expiresAt?.getTime();
  return otherEnd || (enabled === true && !robot.enabled);
}
