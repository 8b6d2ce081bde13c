import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ofItself } from '../access/origin.js';
import { Mutex } from '../async/mutex.js';
import type { Changes } from './changes.js';
import type { Consumer, ConsumerReport } from './consumer.js';
import type { EpochFile } from './epoch.js';
import type { Feed } from './feed.js';
import { Follower, type FollowerLog } from './follower.js';
import type { ChangeKind } from './kinds.js';
import { Trimming } from './trimming.js';

export interface ConsumersParts {
  readonly changes: Pick<Changes, 'onAny'>;
  readonly feed: Feed;
  readonly file: Pick<EpochFile, 'replace'>;
  readonly log: FollowerLog;
}

/** Milliseconds between a change and the look at what can go. */
const trimAfter = 60_000;

/** Everybody who follows what happens. */
export class Consumers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #followers: Follower[] = [];
  readonly #trimming: Trimming;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  readonly #turn = new Mutex();

  constructor(private readonly parts: ConsumersParts) {
    this.#trimming = new Trimming(parts.feed);
  }

  /** To be called while the program is put together. */
  add<Kind extends ChangeKind>(consumer: Consumer<Kind>): void {
    const { feed, log } = this.parts;
    // It is handed only what is of its kinds.
    const follower = new Follower({
      feed,
      log,
      consumer: consumer as unknown as Consumer,
      moved: () => this.#trimSoon(),
    });
    this.#followers.push(follower);
  }

  onApplicationBootstrap(): void {
    const wake = () => {
      for (const follower of this.#followers) follower.wake();
      this.#trimSoon();
    };
    this.parts.changes.onAny(wake);
    wake();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await this.#turn.run(() => this.#noteEnd());
  }

  /** Resolves when everything that was recorded before is done by the consumer. Rejects with what keeps it from that. */
  async catchUp(name: string): Promise<void> {
    const follower = this.#followers.find((one) => one.name === name);
    if (follower === undefined) throw new Error(`no consumer is called ${name}`);
    await follower.catchUp();
  }

  /** By name. */
  async report(): Promise<Readonly<Record<string, ConsumerReport>>> {
    const reports = this.#followers.map(async (follower) => [follower.name, await follower.report()] as const);
    return Object.fromEntries(await Promise.all(reports));
  }

  #trimSoon(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#turn
        .run(() => ofItself(() => this.#trim()))
        .catch((error: unknown) => this.parts.log.warn({ error }, 'changes that are done with not removed'));
    }, trimAfter).unref();
  }

  async #trim(): Promise<void> {
    this.#timer = undefined;
    if (this.#stop.signal.aborted) return;
    const positions = await Promise.all(this.#followers.map((follower) => follower.position()));
    const passed = Math.min(...positions.map((position) => position ?? 0), Number.MAX_SAFE_INTEGER);
    await this.#trimming.run(passed, this.#stop.signal);
    await this.#noteEnd();
  }

  /** So that the next start can tell this database from an older copy of it. */
  async #noteEnd(): Promise<void> {
    try {
      const { newest } = await this.parts.feed.ends();
      await this.parts.file.replace({ epoch: this.parts.feed.epoch, position: newest });
    } catch (error) {
      this.parts.log.warn({ error }, 'the end of the changes not noted beside the database');
    }
  }
}
