import { type Pattern, parsePattern } from '../access/pattern.js';
import type { Condition } from '../database/condition.js';
import type { Page } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import { isNamespace, namespaceOf, namespaceRule, type Robot } from '../users/robots/robot.js';
import { type NewRobot, noSuchRobot, type RobotChanges, type RobotGuard, type Robots } from '../users/robots/robots.js';
import type { Managing } from './managing.js';

/** Robots below one first part of a name from which on only administrators make more. */
const mostBeside = 1000;

/** A robot as one asker sees it. */
export interface ManagedRobot extends Robot {
  /**
   * Whether the asker manages everything it was granted, and so may give it secrets, enable it and say when it ends. Whoever does not
   * may still disable and remove it and take its secrets away.
   */
  readonly entrusted: boolean;
}

/**
 * The robots as one asker may use them: an administrator all, others those of a namespace of which they manage everything. Who has a
 * secret of a robot may all that it was granted, which others may have given it: nobody gets that by managing its name. A robot
 * outside looks like one that does not exist, and is not looked up.
 */
export class ManagedRobots {
  constructor(
    private readonly robots: Robots,
    private readonly managing: Managing,
  ) {}

  /** Throws DENIED unless all of these are managed. @param filter without a namespace, all of them */
  async list(filter: Parameters<Robots['list']>[0]): Promise<Page<ManagedRobot>> {
    await this.managing.requireManaging(patternOf(filter.namespace));
    const page = await this.robots.list(filter);
    const items: ManagedRobot[] = [];
    for (const robot of page.items) items.push(await this.#seen(robot));
    return { ...page, items };
  }

  /** Throws NOT_FOUND. */
  async get(name: string): Promise<ManagedRobot> {
    const namespace = namespaceOf(name);
    const seen = namespace !== undefined && (await this.managing.manages(patternOf(namespace)));
    const robot = seen ? await this.robots.find(name) : undefined;
    if (robot === undefined) throw noSuchRobot();
    return await this.#seen(robot);
  }

  /** Throws DENIED, CONFLICT when there are a thousand, and what {@link Robots.create} throws. */
  async create(robot: NewRobot): Promise<{ robot: ManagedRobot; secret: string }> {
    const { namespace } = robot;
    const pattern = patternOf(namespace);
    const made = await this.robots.create(robot, async () => {
      await this.managing.requireManaging(pattern);
      if ((await this.managing.limited()) === undefined) return;
      if (await this.robots.areBeside(namespace, mostBeside))
        throw new Failure('CONFLICT', {
          message: `there are ${mostBeside} robots below ${namespace.split('/', 1)[0]} already`,
        });
    });
    return { ...made, robot: { ...made.robot, entrusted: true } };
  }

  /** Throws DENIED, NOT_FOUND, VALIDATION_FAILED, and what the condition throws. */
  async update(name: string, changes: RobotChanges, condition?: Condition<ManagedRobot>): Promise<ManagedRobot> {
    return await this.#seen(await this.robots.update(name, changes, this.#guard(condition)));
  }

  /** Throws NOT_FOUND, and what the condition throws. */
  remove(name: string, condition?: Condition<ManagedRobot>): Promise<void> {
    return this.robots.remove(name, this.#guard(condition));
  }

  /** Throws DENIED, what {@link Robots.addSecret} throws, and what the condition throws. */
  addSecret(
    name: string,
    secret: { expiresAt?: Date | null },
    condition?: Condition<ManagedRobot>,
  ): ReturnType<Robots['addSecret']> {
    return this.robots.addSecret(name, secret, this.#guard(condition));
  }

  /** Throws NOT_FOUND, and what the condition throws. */
  removeSecret(name: string, id: number, condition?: Condition<ManagedRobot>): Promise<void> {
    return this.robots.removeSecret(name, id, this.#guard(condition));
  }

  #guard(condition: Condition<ManagedRobot> | undefined): RobotGuard {
    return async ({ robot, empowers }) => {
      if (!(await this.managing.manages(patternOf(robot.namespace)))) throw noSuchRobot();
      if (condition !== undefined) await condition(await this.#seen(robot));
      if (empowers && !(await this.#managesAllOf(robot)))
        throw new Failure('DENIED', { message: 'the robot was granted more than you manage' });
    };
  }

  async #seen(robot: Robot): Promise<ManagedRobot> {
    return { ...robot, entrusted: await this.#managesAllOf(robot) };
  }

  #managesAllOf({ id }: Pick<Robot, 'id'>): Promise<boolean> {
    return this.managing.managesAllOf({ kind: 'robot', id });
  }
}

/** Throws VALIDATION_FAILED for what is no namespace. */
function patternOf(namespace: string | undefined): Pattern {
  if (namespace === undefined) return parsePattern('*');
  if (isNamespace(namespace)) return parsePattern(`${namespace}/*`);
  throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/namespace', message: namespaceRule }] });
}
