import { ofItself } from '../access/origin.js';
import { Mutex } from '../async/mutex.js';
import type { FeedEnds, RecordedChange } from './changes.store.js';
import { type Consumer, type ConsumerReport, type ConsumerState, NotNow } from './consumer.js';
import type { Feed } from './feed.js';
import type { ChangeKind } from './kinds.js';

export interface FollowerLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface FollowerParts {
  readonly feed: Feed;
  readonly consumer: Consumer;
  readonly log: FollowerLog;
  /** Called when it went on. */
  readonly moved?: () => void;
  /** Milliseconds until the next try after so many failures in a row. */
  readonly pause?: (failures: number) => number;
}

/** Changes read, and handed over, at a time. */
const batch = 100;
/** Failures in a row at one change until it is parked. */
const mostFailures = 10;
/** Characters kept of why. */
const errorLength = 1_000;

const longestPause = 60_000;
const doubling = (failures: number): number => Math.min(longestPause, 1_000 * 2 ** (failures - 1));

/** The way of one consumer through the feed. Works when it is woken, and after a failure by itself; nothing polls. */
export class Follower {
  readonly #turn = new Mutex();
  readonly #kinds: ReadonlySet<ChangeKind>;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** In a row, whatever the reason. */
  #failures = 0;
  /** Until this position changes are handed over one by one, to find the one that fails. */
  #oneByOneThrough = 0;

  constructor(private readonly parts: FollowerParts) {
    this.#kinds = new Set(parts.consumer.kinds);
  }

  get name(): string {
    return this.parts.consumer.name;
  }

  /** There may be something to do. Does nothing when the next look is planned already. */
  wake(): void {
    this.#schedule(this.parts.consumer.delay ?? 0);
  }

  /** Resolves when everything that was recorded before is done. Rejects with what keeps the consumer from it. */
  async catchUp(): Promise<void> {
    await this.#attempt();
  }

  /** Undefined until it has been at work for the first time. */
  position(): Promise<number | undefined> {
    return this.parts.feed.state(this.name).then((state) => state?.position);
  }

  async report(): Promise<ConsumerReport> {
    const { feed } = this.parts;
    const [ends, state, parked] = [await feed.ends(), await feed.state(this.name), await feed.parked(this.name)];
    const done = state !== undefined && this.#goesOn(state, ends) ? state.position : 0;
    return { lag: Math.max(0, ends.newest - done), parked, failures: this.#failures };
  }

  /** Resolves when it does not work any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#turn.run(async () => undefined);
  }

  #schedule(milliseconds: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#attempt().catch(() => undefined); // told by #attempt, and tried again
    }, milliseconds).unref();
  }

  /** Takes what is there when its turn comes. What is recorded meanwhile wakes it again, so that it gathers, and nobody waits for ever. */
  #attempt(): Promise<void> {
    return this.#turn.run(async () => {
      try {
        await ofItself(() => this.#work()); // a timer goes on in the name of the change that woke it
        this.#failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) throw error;
        this.#failures++;
        this.parts.log.warn(
          { error, consumer: this.name, failures: this.#failures },
          'changes not followed; trying again',
        );
        clearTimeout(this.#timer); // of a wake meanwhile, which is no reason to try sooner
        this.#timer = undefined;
        this.#schedule((this.parts.pause ?? doubling)(this.#failures));
        throw error;
      }
    });
  }

  async #work(): Promise<void> {
    const { feed } = this.parts;
    const ends = await feed.ends();
    let state = await this.#beginning(ends);
    for (;;) {
      this.#stop.signal.throwIfAborted();
      if (state.position >= ends.newest) return;
      const changes = await feed.behind(state.position, state.position < this.#oneByOneThrough ? 1 : batch);
      // The oldest go first: when what is next is still there now, nothing was missing among those that were read before.
      const now = await feed.ends();
      if (isOvertaken(state, now)) {
        state = await this.#beginning(now);
        continue;
      }
      const last = changes.at(-1);
      if (last === undefined) return;
      state = await this.#follow(changes, last, state);
      this.parts.moved?.();
    }
  }

  async #follow(
    changes: readonly RecordedChange[],
    last: RecordedChange,
    state: ConsumerState,
  ): Promise<ConsumerState> {
    const { feed, consumer } = this.parts;
    const done = { ...state, position: last.position, failures: 0 };
    const own = changes.filter(({ kind }) => this.#kinds.has(kind));
    try {
      if (own.length > 0) await consumer.handle(own, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted || error instanceof NotNow) throw error;
      if (changes.length > 1) {
        this.#oneByOneThrough = last.position;
        return state;
      }
      const failures = state.failures + 1;
      if (failures < mostFailures) {
        await feed.save(this.name, { ...state, failures });
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      await feed.park(this.name, last, reason.slice(0, errorLength), done);
      const { position, kind } = last;
      this.parts.log.error({ error, consumer: this.name, position, kind }, 'change parked: it failed ten times');
      return done;
    }
    await feed.save(this.name, done);
    return done;
  }

  /** Whether what it keeps is of the same feed, so that it need not look at everything. */
  #goesOn(state: ConsumerState, ends: FeedEnds): boolean {
    const { feed, consumer } = this.parts;
    return state.epoch === feed.epoch && state.edition === (consumer.edition ?? '') && !isOvertaken(state, ends);
  }

  /** Where it stands, once what it keeps is of the same feed. */
  async #beginning(ends: FeedEnds): Promise<ConsumerState> {
    const { feed, consumer } = this.parts;
    const found = await feed.state(this.name);
    if (found !== undefined && this.#goesOn(found, ends)) return found;
    const overtaken = found !== undefined && isOvertaken(found, ends);
    // Taken before it looks: what happens meanwhile is behind it. What waited for it before is followed as well.
    const position = found === undefined || overtaken ? ends.newest : Math.min(found.position, ends.newest);
    await consumer.reconcile(this.#stop.signal);
    const state = { position, epoch: feed.epoch, edition: consumer.edition ?? '', failures: 0 };
    await feed.save(this.name, state);
    this.parts.moved?.();
    return state;
  }
}

/** Whether changes are gone that it had not seen. */
function isOvertaken({ position }: ConsumerState, { oldest }: FeedEnds): boolean {
  return position < oldest - 1;
}
