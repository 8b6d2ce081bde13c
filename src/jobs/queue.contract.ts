import type { JobLine, JobWrite, NewJob } from './job.js';
import type { JobQueue } from './queue.js';

export interface QueueUnderTest {
  readonly queue: JobQueue;
  /** The same rows after another start. */
  again(): JobQueue;
  close(): Promise<void>;
}

const copy: NewJob = { kind: 'copy', payload: { from: 'here' }, uniqueKey: null, actor: 'user:ada', account: 7 };
const line = (number: number): JobLine => ({ number, at: new Date(0), level: 'info', about: 'app', text: `${number}` });
const later = () => new Date(Date.now() + 3_600_000);

/** What every queue promises. */
export function describeQueue(name: string, start: () => Promise<QueueUnderTest>): void {
  describe(`${name} keeps jobs`, () => {
    let under: QueueUnderTest;
    let queue: JobQueue;
    beforeEach(async () => {
      under = await start();
      queue = under.queue;
    });
    afterEach(() => under.close());

    const add = async (job: Partial<NewJob> = {}) => (await queue.add({ ...copy, ...job })).job;
    /** One that runs, and what its holder may write. */
    const begun = async () => {
      await add();
      const [job] = await queue.claim('copy', 1);
      if (job === undefined) throw new Error('nothing was begun');
      const write = (more: Partial<JobWrite> = {}) =>
        queue.write([{ id: job.id, lease: job.lease, progress: {}, lines: [], ...more }]);
      return { job, write };
    };
    const end = async () => {
      const { job, write } = await begun();
      await write({ outcome: { state: 'succeeded', error: null } });
      return job;
    };

    it('as they were added, for another start too', async () => {
      const job = await add();
      expect(job).toMatchObject({
        ...copy,
        state: 'queued',
        attempt: 0,
        lease: 0,
        progress: {},
        lines: 0,
        error: null,
      });
      expect(await under.again().find(job.id)).toEqual(job);
      expect(await queue.find(job.id + 1)).toBeUndefined();
    });

    it('of the same key one at a time, of whichever kind', async () => {
      const job = await add({ uniqueKey: 'walk' });
      expect(await queue.add({ ...copy, kind: 'move', uniqueKey: 'walk' })).toEqual({ job, added: false });
      await queue.cancel(job.id);
      expect(await queue.add({ ...copy, uniqueKey: 'walk' })).toMatchObject({ added: true });
      expect(await queue.add(copy)).toMatchObject({ added: true });
      expect(await queue.add(copy)).toMatchObject({ added: true });
    });

    it('and begins them in turn, each once, under a lease of its own', async () => {
      const [first, second] = [await add(), await add()];
      await add({ kind: 'move' });
      expect(await queue.claim('copy', 1)).toMatchObject([{ id: first.id, state: 'running', lease: 1, attempt: 1 }]);
      expect(await queue.claim('copy', 5)).toMatchObject([{ id: second.id }]);
      expect(await queue.claim('copy', 5)).toEqual([]);
      expect((await queue.running()).map(({ id }) => id)).toEqual([first.id, second.id]);
      expect([await queue.nextAt('copy'), await queue.nextAt('move')]).toEqual([undefined, expect.any(Date)]);
    });

    it('with what they say, all of it together', async () => {
      const { job, write } = await begun();
      expect(await write({ progress: { done: 1 }, lines: [line(1), line(2)] })).toEqual([]);
      expect(
        await write({ progress: { done: 2 }, lines: [line(3)], outcome: { state: 'failed', error: 'full' } }),
      ).toEqual([]);
      const ended = { state: 'failed', error: 'full', progress: { done: 2 }, lines: 3, endedAt: expect.any(Date) };
      expect(await under.again().find(job.id)).toMatchObject(ended);
      expect(await queue.lines(job.id, 0, 2)).toEqual([line(1), line(2)]);
      expect(await queue.lines(job.id, 2, 9)).toEqual([line(3)]);
    });

    it('and takes nothing from a lease that is over', async () => {
      const { job, write } = await begun();
      await write({ outcome: { state: 'queued', error: 'cut', runAt: new Date(0), uncounted: false } });
      const [second] = await queue.claim('copy', 1);
      expect(second).toMatchObject({ id: job.id, lease: 2, attempt: 2, error: 'cut' });
      expect(
        await write({ progress: { done: 9 }, lines: [line(1)], outcome: { state: 'succeeded', error: null } }),
      ).toEqual([job.id]);
      expect(await queue.find(job.id)).toEqual(second);
      expect(await queue.lines(job.id, 0, 9)).toEqual([]);
    });

    it('and begins none before its time', async () => {
      const { job, write } = await begun();
      const runAt = later();
      await write({ outcome: { state: 'queued', error: 'away', runAt, uncounted: true } });
      expect(await queue.find(job.id)).toMatchObject({ state: 'queued', attempt: 0, error: 'away' });
      expect([await queue.claim('copy', 1), await queue.nextAt('copy')]).toEqual([[], runAt]);
    });

    it('until somebody cancels them', async () => {
      const waiting = await add({ kind: 'move' });
      expect(await queue.cancel(waiting.id)).toMatchObject({ state: 'cancelled', endedAt: expect.any(Date) });
      const { job, write } = await begun();
      expect(await queue.cancel(job.id)).toMatchObject({ state: 'running', cancelRequestedAt: expect.any(Date) });
      await write({ outcome: { state: 'queued', error: 'cut', runAt: new Date(0), uncounted: false } });
      const cancelled = await queue.find(job.id);
      expect(cancelled).toMatchObject({ state: 'cancelled', endedAt: expect.any(Date) });
      expect(await queue.cancel(job.id)).toEqual(cancelled);
      expect(await queue.cancel(99)).toBeUndefined();
    });

    it('and lists them, the latest first, page by page', async () => {
      const jobs = [await add(), await add({ kind: 'move' }), await add(), await add()];
      const [one, , three, four] = jobs.map(({ id }) => id);
      await queue.cancel(Number(three));
      const ids = async (filter: object, limit: number, cursor?: string) => {
        const page = await queue.page(filter, { limit, ...(cursor !== undefined && { cursor }) });
        return [page.items.map(({ id }) => id), page.nextCursor];
      };
      expect(await ids({ kind: 'copy' }, 2)).toEqual([[four, three], String(three)]);
      expect(await ids({ kind: 'copy' }, 2, String(three))).toEqual([[one], undefined]);
      expect(await ids({ state: 'cancelled' }, 9)).toEqual([[three], undefined]);
      expect(await ids({ kind: 'copy', state: 'queued' }, 9)).toEqual([[four, one], undefined]);
      expect((await queue.page({}, { limit: 9 })).items).toHaveLength(4);
    });

    it('and ends those that nobody knows how to do', async () => {
      const [known, unknown] = [await add(), await add({ kind: 'forgotten' })];
      await queue.failUnknown(['copy']);
      expect(await queue.find(known.id)).toEqual(known);
      expect(await queue.find(unknown.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('kind') });
    });

    it('for as long as they are not too old and not too many', async () => {
      const waiting = await add({ kind: 'move' });
      const [one, two, three] = [await end(), await end(), await end()];
      expect(await queue.removeEnded(new Date(0), 3, 9)).toBe(0);
      expect(await queue.removeEnded(new Date(0), 1, 1)).toBe(1);
      expect([await queue.find(one.id), await queue.find(two.id)]).toEqual([undefined, expect.anything()]);
      expect(await queue.removeEnded(later(), 9, 9)).toBe(2);
      expect([await queue.find(three.id), await queue.find(waiting.id)]).toEqual([undefined, waiting]);
      expect((await add()).id).toBeGreaterThan(three.id);
    });
  });
}
