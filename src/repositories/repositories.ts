import type { EntityManager } from 'typeorm';
import type { Visibility } from '../access/visibility.js';
import type { MaybeAsync } from '../async/maybe-async.js';
import { ReadCache } from '../async/read-cache.js';
import { Changes } from '../changes/changes.js';
import type { Config } from '../config/config.js';
import type { Condition } from '../database/condition.js';
import { Database } from '../database/database.js';
import { violatesUnique } from '../database/dialect.js';
import { Failure } from '../errors/failure.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { assertDescription } from '../users/description.js';
import {
  changeRepository,
  findRepositoryId,
  forgetRemovedRepository,
  insertRepository,
  lockRepository,
  type NewRepository,
  RepositoryStore,
  raisePushedAt,
  removeRepository,
  repositoryToChange,
  setPushedAt,
} from './repositories.store.js';
import type { Repository } from './repository.js';

/** Takes part in the transaction that gives a repository another name: what is kept under its name follows. */
export type RepositoryFollower = (tx: EntityManager, from: RepositoryName, to: RepositoryName) => Promise<void>;

/**
 * Asked inside the transaction of a change, before anything is changed, whether the asker may; throws when not.
 * What was true when the request came in may be over by then.
 */
export type RepositoryGuard = (name: RepositoryName) => Promise<void>;

/** Takes part in the transaction that removes a repository, while it is still there: what is kept under its name ends with it. */
export type RepositoryEnd = (tx: EntityManager, name: RepositoryName) => Promise<void>;

/** What somebody who manages it may choose. */
export interface RepositorySettings {
  readonly visibility?: Visibility | undefined;
  readonly description?: string | undefined;
}

/** The repository that something is pushed to. */
export interface PushTarget {
  readonly id: number;
  readonly name: RepositoryName;
}

type RegistryConfig = { readonly registry: Pick<Config['registry'], 'deleteEnabled'> };

/** Characters of the repositories remembered between requests, about: of some 10,000, fewer where their descriptions are long. */
const cacheCharacters = 4 * 1024 * 1024;
/** What a repository has beside its description, about. */
const restCharacters = 400;
/** The repositories of this registry. When one appears, changes or goes is recorded as a change. */
export class Repositories {
  readonly #cache = new ReadCache<RepositoryName, Repository | undefined>(
    cacheCharacters,
    (repository) => restCharacters + (repository?.description.length ?? 0),
  );
  readonly #followers: RepositoryFollower[] = [];
  readonly #ends: RepositoryEnd[] = [];
  readonly #clearings: ((id: number) => Promise<void>)[] = [];
  readonly #store: RepositoryStore;

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly config: RegistryConfig = { registry: { deleteEnabled: true } },
  ) {
    this.#store = new RepositoryStore(database);
    const own = ['repository.create', 'repository.update', 'repository.rename', 'repository.delete'] as const;
    changes.onCommitted([...own, 'push', 'adoption'], (some) => {
      for (const { payload } of some) {
        this.#cache.delete(payload.repository);
        if ('formerly' in payload) this.#cache.delete(payload.formerly);
      }
    });
  }

  /** Returns immediately if remembered. */
  find(name: RepositoryName): MaybeAsync<Repository | undefined> {
    return this.#cache.get(name) ?? this.#cache.fill(name, () => this.#store.find(name));
  }

  /** Whether there is one. */
  any(): Promise<boolean> {
    return this.#store.any();
  }

  /** Takes as long as {@link find} of a name that is nobody's, which is asked of the database each time. */
  async searchInVain(): Promise<void> {
    await this.#store.find('');
  }

  /** Throws REPOSITORY_EXISTS, VALIDATION_FAILED. */
  async create(repository: NewRepository, guard?: RepositoryGuard): Promise<Repository> {
    assertDescription(repository.description);
    await this.database.write(async (tx) => {
      await guard?.(repository.name);
      await this.#insert(tx, repository).catch(existing);
    });
    return this.#get(repository.name);
  }

  /** Throws NAME_UNKNOWN, and what the condition throws. */
  async update(
    name: RepositoryName,
    change: RepositorySettings,
    guard?: RepositoryGuard,
    condition?: Condition<Repository>,
  ): Promise<Repository> {
    assertDescription(change.description);
    await this.database.write(async (tx) => {
      await guard?.(name);
      const before = await repositoryToChange(tx, name);
      if (before === undefined) throw new Failure('NAME_UNKNOWN');
      await condition?.(before);
      await changeRepository(tx, name, change);
      await this.changes.record(tx, {
        kind: 'repository.update',
        id: before.id,
        payload: { repository: name, visibility: change.visibility ?? before.visibility },
        audit: { name, before, after: { ...before, ...change } },
      });
    });
    return this.#get(name);
  }

  /**
   * Gives it another name, with everything in it, and perhaps other settings. The old name is then like one that never was.
   * Throws NAME_UNKNOWN, REPOSITORY_EXISTS, and what the condition throws.
   */
  async rename(
    from: RepositoryName,
    to: RepositoryName,
    settings: RepositorySettings = {},
    guard?: RepositoryGuard,
    condition?: Condition<Repository>,
  ): Promise<Repository> {
    if (from === to) return this.update(from, settings, guard, condition);
    assertDescription(settings.description);
    await this.database.write(async (tx) => {
      await guard?.(from);
      await guard?.(to);
      const before = await repositoryToChange(tx, from);
      if (before === undefined) throw new Failure('NAME_UNKNOWN');
      await condition?.(before);
      await changeRepository(tx, from, { ...settings, name: to }).catch(existing);
      await this.changes.record(tx, {
        kind: 'repository.rename',
        id: before.id,
        payload: { repository: to, formerly: from, visibility: settings.visibility ?? before.visibility },
        audit: { name: to, before: { name: from }, after: { ...settings, name: to } },
      });
      for (const follow of this.#followers) await follow(tx, from, to);
    });
    return this.#get(to);
  }

  /**
   * Removes it with its manifests, tags and links, and with what others keep under its name; blobs stay for garbage collection. It is
   * gone at one moment, after which this waits until what it had is cleared away ({@link onRemoved}).
   * Throws NAME_UNKNOWN, UNSUPPORTED where deleting is switched off, and what the condition throws.
   */
  async remove(name: RepositoryName, guard?: RepositoryGuard, condition?: Condition<Repository>): Promise<void> {
    this.requireDeletion();
    const id = await this.#detach(name, guard, condition);
    await Promise.all(this.#clearings.map((clear) => clear(id)));
  }

  /** Ids of those that are gone while not all of what they had is cleared away. */
  removed(): Promise<number[]> {
    return this.#store.removed();
  }

  /** Notes that nothing is left of a removed one. */
  async forgetRemoved(id: number): Promise<void> {
    await this.database.write((tx) => forgetRemovedRepository(tx, id));
  }

  /**
   * The repository of a push, in the push's own transaction: created, private and owned by `ownerId`, with the first push to it. When the
   * push fails, no repository is left behind. Others learn of it when the transaction is over.
   */
  async ensure(tx: EntityManager, name: RepositoryName, ownerId: number | null): Promise<PushTarget> {
    const known = await findRepositoryId(tx, name);
    if (known !== undefined) return { id: known, name };
    return { id: await this.#insert(tx, { name, visibility: 'private', description: '', ownerId }), name };
  }

  /** Keeps every other transaction from changing it, its tags included, until this one is over. Gives its id; undefined when there is none. */
  async lock(tx: EntityManager, name: RepositoryName): Promise<number | undefined> {
    await lockRepository(tx, name);
    return await findRepositoryId(tx, name);
  }

  /**
   * Notes when it was pushed to: first in the push's own transaction, because it locks the repository as {@link lock} does. The push is
   * recorded as a change too, which drops what is remembered of the repository.
   */
  async recordPush(tx: EntityManager, id: number, at: Date): Promise<void> {
    await setPushedAt(tx, id, at);
  }

  /** Notes that manifests from then were taken in from the disk; part of the transaction that does it. */
  async recordAdoption(tx: EntityManager, id: number, at: Date): Promise<void> {
    await raisePushedAt(tx, id, at);
  }

  /** Asked first by whatever deletes something that can be pulled, so that no door is left open. Throws UNSUPPORTED when the operator switched deleting off. */
  requireDeletion(): void {
    if (!this.config.registry.deleteEnabled) throw new Failure('UNSUPPORTED', { message: 'deleting is switched off' });
  }

  /** Called inside the transaction of every rename; what it throws undoes the rename. */
  onRename(follower: RepositoryFollower): void {
    this.#followers.push(follower);
  }

  /** Called inside the transaction of every removal; what it throws undoes the removal. */
  onRemove(end: RepositoryEnd): void {
    this.#ends.push(end);
  }

  /** Called after every removal with the id of what is gone; whoever asked for it waits for all. Must not reject. */
  onRemoved(clear: (id: number) => Promise<void>): void {
    this.#clearings.push(clear);
  }

  #detach(
    name: RepositoryName,
    guard: RepositoryGuard | undefined,
    condition: Condition<Repository> | undefined,
  ): Promise<number> {
    return this.database.write(async (tx) => {
      await guard?.(name);
      const before = await repositoryToChange(tx, name);
      if (before === undefined) throw new Failure('NAME_UNKNOWN');
      await condition?.(before);
      for (const end of this.#ends) await end(tx, name);
      const { id } = before;
      await this.changes.record(tx, {
        kind: 'repository.delete',
        id,
        payload: { repository: name },
        audit: { name, before },
      });
      await removeRepository(tx, before);
      return id;
    });
  }

  /** Gives the id. */
  async #insert(tx: EntityManager, repository: NewRepository): Promise<number> {
    const id = await insertRepository(tx, repository);
    const { name, visibility, ownerId } = repository;
    const payload = { repository: name, visibility, ownerId };
    await this.changes.record(tx, { kind: 'repository.create', id, payload, audit: { name, after: repository } });
    return id;
  }

  async #get(name: RepositoryName): Promise<Repository> {
    const repository = await this.#store.find(name);
    if (!repository) throw new Failure('NAME_UNKNOWN');
    return repository;
  }
}

/** What a name that is taken means to the caller. */
function existing(error: unknown): never {
  throw violatesUnique(error) ? new Failure('REPOSITORY_EXISTS', { cause: error }) : error;
}
