import { currentOrigin, systemOrigin, withOrigin } from '../access/origin.js';
import type { Digest } from '../oci/digest.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import type { RecordedChange } from './changes.store.js';
import { type Consumer, NotNow } from './consumer.js';
import type { Feed } from './feed.js';
import { Follower } from './follower.js';
import type { Change } from './kinds.js';

export interface FeedUnderTest {
  readonly feed: Feed;
  append(change: Change): Promise<void>;
  /** The same changes after a new epoch began. */
  inEpoch(epoch: string): Feed;
  close(): Promise<void>;
}

const app = parseRepositoryName('team/app');
const digestOf = (number: number) => `sha256:${String(number).padStart(64, '0')}` as Digest;
export const link = (number: number): Change => ({
  kind: 'blob.link',
  id: 1,
  payload: { repository: app, digest: digestOf(number) },
});
const other: Change = { kind: 'group.create', id: 2, payload: { group: 'crew' } };
const silent = { warn: () => undefined, error: () => undefined };

/** Notes which links it saw, and does what `on` says about each. */
class Recorder implements Consumer<'blob.link'> {
  readonly name = 'recorder';
  readonly kinds = ['blob.link'] as const;
  readonly seen: number[] = [];
  reconciled = 0;

  constructor(
    private readonly on: (number: number) => void = () => undefined,
    readonly edition = '',
  ) {}

  async handle(changes: readonly RecordedChange<'blob.link'>[]): Promise<void> {
    for (const { payload } of changes) {
      const number = Number(payload.digest.slice('sha256:'.length));
      this.on(number);
      this.seen.push(number);
    }
  }

  async reconcile(): Promise<void> {
    this.reconciled++;
  }
}

export const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, place) => from + place);
const follower = (feed: Feed, consumer: Consumer<'blob.link'>) =>
  new Follower({ feed, consumer: consumer as unknown as Consumer, log: silent, pause: () => 3_600_000 });

/** What every feed promises to those who follow it. */
export function describeFeed(name: string, start: () => Promise<FeedUnderTest>): void {
  describe(`${name} is followed`, () => {
    let under: FeedUnderTest;
    let feed: Feed;
    /** A consumer that has begun before anything happened. */
    const begun = async (consumer: Consumer<'blob.link'>) => {
      const following = follower(feed, consumer);
      await following.catchUp();
      return following;
    };
    const append = async (from: number, to: number) => {
      for (const number of numbers(from, to)) await under.append(link(number));
    };
    beforeEach(async () => {
      under = await start();
      feed = under.feed;
      await under.append(other);
    });
    afterEach(() => under.close());

    it('in order, each change of its kinds once as long as nothing fails', async () => {
      const consumer = new Recorder();
      const following = await begun(consumer);
      await append(1, 150);
      await under.append(other);
      await append(151, 250);
      await following.catchUp();
      expect(consumer.seen).toEqual(numbers(1, 250));
      expect(await following.report()).toEqual({ lag: 0, parked: 0, failures: 0 });
      expect(consumer.reconciled).toBe(1);
    });

    it('from where it stood, by who is behind', async () => {
      await (await begun(new Recorder())).stop();
      await append(1, 3);
      const consumer = new Recorder();
      const following = follower(feed, consumer);
      expect(await following.report()).toMatchObject({ lag: 3 });
      await following.catchUp();
      expect([consumer.seen, consumer.reconciled]).toEqual([[1, 2, 3], 0]);
    });

    it('again from the change it failed at; what a kill overtook is repeated', async () => {
      let down = true;
      const consumer = new Recorder((number) => {
        if (down && number === 3) throw new NotNow('the disk is full');
      });
      const following = await begun(consumer);
      await append(1, 4);
      await expect(following.catchUp()).rejects.toThrow('the disk is full');
      expect(await following.report()).toEqual({ lag: 4, parked: 0, failures: 1 });
      await following.stop(); // as a kill does: what was done is not noted
      down = false;
      await follower(feed, consumer).catchUp();
      expect(consumer.seen).toEqual([1, 2, 1, 2, 3, 4]);
    });

    it('for as long as it takes, while it is not the change that fails', async () => {
      let tries = 0;
      const consumer = new Recorder(() => {
        if (++tries <= 25) throw new NotNow('the server is away');
      });
      const following = await begun(consumer);
      await append(1, 1);
      for (let round = 1; round <= 25; round++) await expect(following.catchUp()).rejects.toThrow('away');
      await following.catchUp();
      expect([consumer.seen, await following.report()]).toEqual([[1], { lag: 0, parked: 0, failures: 0 }]);
    });

    it('not before its pause is over after a failure, also when it was woken meanwhile', async () => {
      let tries = 0;
      const consumer = new Recorder(() => {
        tries++;
        following.wake();
        throw new NotNow('the server is away');
      });
      const following = await begun(consumer);
      await append(1, 1);
      await expect(following.catchUp()).rejects.toThrow('away');
      await new Promise((done) => setTimeout(done, 1)); // behind the timer of the wake, which was made before
      await following.stop();
      expect(tries).toBe(1);
    });

    it('past a change that failed ten times, which is parked, also when it was killed in between', async () => {
      const consumer = new Recorder((number) => {
        if (number === 3) throw new Error('cannot read this');
      });
      let following = await begun(consumer);
      await append(1, 4);
      for (let round = 1; round < 10; round++) {
        await expect(following.catchUp()).rejects.toThrow('cannot read this');
        expect(await following.report()).toMatchObject({ parked: 0 });
        await following.stop();
        following = follower(feed, consumer);
      }
      await following.catchUp();
      expect(await following.report()).toEqual({ lag: 0, parked: 1, failures: 0 });
      expect(consumer.seen.at(-1)).toBe(4);
      await append(5, 5);
      await following.catchUp();
      expect(consumer.seen.at(-1)).toBe(5);
    });

    it('from now on by who is new, once it has looked at what is there', async () => {
      await append(1, 3);
      const consumer = new Recorder();
      const following = await begun(consumer);
      await append(4, 5);
      await following.catchUp();
      expect([consumer.reconciled, consumer.seen]).toEqual([1, [4, 5]]);
    });

    it('with what happened while it looked at what is there', async () => {
      const consumer = new Recorder();
      consumer.reconcile = () => append(1, 2);
      const following = await begun(consumer);
      await following.catchUp();
      expect(consumer.seen).toEqual([1, 2]);
    });

    it('by who was overtaken, from where the feed is now, once it has looked at what is there', async () => {
      const consumer = new Recorder();
      const following = await begun(consumer);
      await append(1, 5);
      const { newest } = await feed.ends();
      await feed.remove(newest - 1);
      await append(6, 6);
      await following.catchUp();
      expect([consumer.reconciled, consumer.seen]).toEqual([2, []]);
      await append(7, 7);
      await following.catchUp();
      expect([consumer.reconciled, consumer.seen]).toEqual([2, [7]]);
    });

    it('likewise by who was overtaken in the middle of its work', async () => {
      const consumer = new Recorder();
      const following = await begun(consumer);
      await append(1, 250);
      const { newest } = await feed.ends();
      const { handle } = consumer;
      consumer.handle = async (changes) => {
        await handle.call(consumer, changes);
        await feed.remove(newest - 1);
      };
      await following.catchUp();
      expect([consumer.reconciled, consumer.seen]).toEqual([2, numbers(1, 100)]);
      await append(251, 251);
      await following.catchUp();
      expect([consumer.reconciled, consumer.seen.at(-1)]).toEqual([2, 251]);
    });

    it.each([
      ['a database that was restored', () => under.inEpoch('two'), ''],
      ['another edition of it', () => feed, 'more'],
    ])('anew after %s, with what still waited', async (_, then, edition) => {
      await begun(new Recorder());
      await append(1, 2);
      const consumer = new Recorder(undefined, edition);
      const following = follower(then(), consumer);
      const { newest } = await feed.ends();
      expect(await following.report()).toMatchObject({ lag: newest });
      await following.catchUp();
      expect([consumer.reconciled, consumer.seen]).toEqual([1, [1, 2]]);
      expect(await following.report()).toMatchObject({ lag: 0 });
      await follower(then(), consumer).catchUp();
      expect(consumer.reconciled).toBe(1);
    });

    it('by itself, when it is woken', async () => {
      await begun(new Recorder());
      await append(1, 1);
      await new Promise<void>((done) => follower(feed, new Recorder(() => done())).wake());
    });

    it('by who is waited for no longer than for what was there, while ever more happens', async () => {
      await begun(new Recorder());
      await append(1, 1);
      const consumer = new Recorder();
      const { handle } = consumer;
      const started = new Promise<void>((done) => {
        consumer.handle = async (changes) => {
          done();
          await handle.call(consumer, changes);
          const next = consumer.seen.length + 1;
          if (next <= 1_000) await append(next, next);
        };
      });
      const following = follower(feed, consumer);
      following.wake();
      await started;
      await following.catchUp();
      expect(consumer.seen.length).toBeLessThan(1_000);
    });

    it('as Berth itself, whoever made the change that woke it', async () => {
      await begun(new Recorder());
      const actor = await withOrigin({ ...systemOrigin, actor: 'user:ada' }, async () => {
        await append(1, 1);
        return new Promise((done) => follower(feed, new Recorder(() => done(currentOrigin().actor))).wake());
      });
      expect(actor).toBe('system');
    });

    it('by nobody any more once it is stopped', async () => {
      const consumer = new Recorder();
      const following = await begun(consumer);
      await append(1, 1);
      await following.stop();
      following.wake();
      await expect(following.catchUp()).rejects.toThrow();
      expect(consumer.seen).toEqual([]);
    });
  });
}
