import { once } from 'node:events';
import { until } from '../../test/support/ports.js';
import { silentLog } from '../../test/support/temporary-database.js';
import { byItself, type Job, type JobPayload, type JobState } from './job.js';
import { Jobs } from './jobs.js';
import type { JobKind, JobRun } from './kind.js';
import { MemoryQueue } from './memory-queue.js';

let queue: MemoryQueue;
let jobs: Jobs;
let opened: Jobs[];
const open = async (...kinds: JobKind[]) => {
  const made = new Jobs(queue, silentLog);
  for (const kind of kinds) made.register(kind);
  opened.push(made);
  return made;
};
/** The program as it is after a start, with these kinds. */
const start = async (...kinds: JobKind[]) => {
  jobs = await open(...kinds);
  await jobs.onApplicationBootstrap();
};
beforeEach(() => {
  queue = new MemoryQueue();
  opened = [];
});
afterEach(async () => {
  for (const one of opened) await one.onModuleDestroy();
});

const ada = { actor: 'user:ada', account: 7 };
const kind = (perform: JobKind['perform'], more: Partial<JobKind> = {}): JobKind => ({
  ...{ name: 'copy', parse: (payload: JobPayload) => payload, perform, backOff: () => 1 },
  ...more,
});
const add = async (payload: JobPayload = {}, name = 'copy') => (await jobs.add(name, payload, byItself)).job;
const reaches = async (state: JobState, { id }: Job): Promise<Job> => {
  await until(`job ${id} ${state}`, async () => (await jobs.get(id)).state === state);
  return jobs.get(id);
};
/** Works until it is told to come to rest. */
const untilHalted = async (_payload: JobPayload, { signal }: JobRun) => {
  await once(signal, 'abort');
  signal.throwIfAborted();
};

describe('a job', () => {
  it('is done with what it was given, and says how far it is and what it came upon', async () => {
    await start(
      kind(async ({ from }, { progress, log }) => {
        progress({ done: 1, total: 2 });
        log('warn', 'not there', String(from));
        progress({ done: 2, total: 2 });
      }),
    );
    const job = await reaches('succeeded', await add({ from: 'team/app' }));
    expect(job).toMatchObject({ progress: { done: 2, total: 2 }, lines: 1, attempt: 1, error: null });
    const line = { number: 1, level: 'warn', about: 'team/app', text: 'not there', at: expect.any(Date) };
    expect(await jobs.lines(job.id, 0, 9)).toEqual([line]);
  });

  it('that fails is tried again as often as its kind allows', async () => {
    const attempts: number[] = [];
    const failing = async (_payload: JobPayload, run: JobRun) => {
      attempts.push(run.attempt);
      throw new Error('the other side is away');
    };
    await start(kind(failing, { attempts: 3 }));
    expect(await reaches('failed', await add())).toMatchObject({
      attempt: 3,
      lease: 3,
      error: 'the other side is away',
    });
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('comes to rest when it is cancelled, while it runs and while it waits', async () => {
    await start(kind(untilHalted, { attempts: 9 }));
    const [first, second] = [await add(), await add()];
    await reaches('running', first);
    expect(await jobs.cancel(second.id)).toMatchObject({ state: 'cancelled' });
    await jobs.cancel(first.id);
    expect(await reaches('cancelled', first)).toMatchObject({ attempt: 1, error: null });
    await expect(jobs.cancel(99)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('keeps no secret, in what it is given, what it says and why it failed', async () => {
    const secret = `berth_pat_${'a'.repeat(36)}`;
    await start(
      kind(async (_payload, run) => {
        run.log('info', `Bearer ${secret}`, `https://ann:${secret}@example.com`);
        throw new Error(`401 for ${secret}`);
      }),
    );
    await expect(add({ from: secret })).rejects.toThrow('a secret in a job of copy');
    await expect(add({ password: 'open sesame' })).rejects.toThrow('a secret in a job of copy');
    const job = await reaches('failed', await add());
    expect(JSON.stringify([job, await jobs.lines(job.id, 0, 9)])).not.toContain(secret);
  });

  it('that has too much to say says that it leaves out the rest', async () => {
    await start(
      kind(async (_payload, run) => {
        for (let number = 1; number <= 1_500; number++) run.log('info', `line ${number}`);
      }),
    );
    const job = await reaches('succeeded', await add());
    const lines = await jobs.lines(job.id, 998, 9);
    expect(lines.map(({ text }) => text)).toEqual(['line 999', 'further lines are left out']);
  });

  it('is told of to whoever watches it, until they have seen enough', async () => {
    await start(kind(untilHalted));
    const job = await add();
    let told = 0;
    const enough = jobs.watch(job.id, () => told++);
    await until('told', async () => told > 0);
    enough();
    const before = told;
    await jobs.cancel(job.id);
    await reaches('cancelled', job);
    expect(told).toBe(before);
  });
});

describe('whoever began it', () => {
  it.each([
    ['before it begins', true],
    ['while it runs', false],
  ])('is asked %s, and it ends when they may not any more', async (_, atOnce) => {
    let may = !atOnce;
    const ran: number[] = [];
    await start(
      kind(async (_payload, run) => {
        ran.push(run.id);
        may = false;
        run.progress({ done: 1 });
        await untilHalted({}, run);
      }),
    );
    jobs.ask(async () => {
      if (!may) throw new Error('no administrator any more');
    });
    const { job } = await jobs.add('copy', {}, ada);
    expect(await reaches('failed', job)).toMatchObject({ error: 'no administrator any more', actor: 'user:ada' });
    expect(ran).toHaveLength(atOnce ? 0 : 1);
  });
});

describe('a kind', () => {
  it('has as many at work as it allows, and the next when one ends', async () => {
    let [atWork, most, done] = [0, 0, 0];
    await start(
      kind(
        async () => {
          most = Math.max(most, ++atWork);
          await new Promise((resolve) => setImmediate(resolve));
          atWork--;
          done++;
        },
        { concurrency: 2 },
      ),
    );
    const added = await Promise.all(Array.from({ length: 20 }, () => add()));
    for (const job of added) await reaches('succeeded', job);
    expect([most, done]).toEqual([2, 20]);
  });

  it('lets nothing be added twice that is to be there once', async () => {
    const once = { uniqueKey: ({ to }: JobPayload) => String(to) };
    await start(kind(untilHalted, once));
    const job = await add({ to: 'a' });
    expect((await add({ to: 'a' })).id).toBe(job.id);
    expect((await add({ to: 'b' })).id).not.toBe(job.id);
  });

  it('is made by its schedule, when there is something to do', async () => {
    const done: JobPayload[] = [];
    const given: (JobPayload | undefined)[] = [undefined, { part: 1 }];
    const payload = () => given.shift();
    await start(kind(async (what) => void done.push(what), { schedule: { every: 1, firstAfter: 1, payload } }));
    await until('one job', async () => done.length > 0);
    expect(done).toEqual([{ part: 1 }]);
    expect((await jobs.page({}, { limit: 9 })).items).toMatchObject([{ actor: 'system', uniqueKey: 'copy' }]);
  });

  it('can be run by its name when it says so', async () => {
    const done: JobPayload[] = [];
    const parts = kind(async (what) => void done.push(what), { onDemand: { parts: 9 } });
    await start(parts, kind(untilHalted, { name: 'hidden' }));
    const { job } = await jobs.run('copy', byItself);
    await reaches('succeeded', job);
    expect([done, jobs.onDemand]).toEqual([[{ parts: 9 }], ['copy']]);
    await expect(jobs.run('hidden', byItself)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('after a start', () => {
  /** Another process that never said goodbye: what it writes from now on is of an earlier boot. */
  const killed = async (more: Partial<JobKind>, cancelled = false) => {
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await start(kind(() => gate, more));
    const job = await reaches('running', await add());
    if (cancelled) await queue.cancel(job.id);
    return { job, finish };
  };

  it.each([
    ['ends as interrupted, where its kind allows no other attempt', {}, false, 'interrupted'],
    ['waits, and is done, where it does', { attempts: 2 }, false, 'succeeded'],
    ['is cancelled, when that was asked for', { attempts: 2 }, true, 'cancelled'],
  ] as const)(
    'what ran %s; what the earlier process says then counts for nothing',
    async (_, more, cancelled, state) => {
      const { job, finish } = await killed(more, cancelled);
      await start(kind(async () => undefined, more));
      const after = await reaches(state, job);
      finish();
      await opened[0]?.onModuleDestroy();
      expect(await jobs.get(job.id)).toEqual(after);
      expect(after.attempt).toBe(state === 'succeeded' ? 2 : 1);
    },
  );

  it('what a stop came in between of goes on, and the stop is no attempt', async () => {
    await start(kind(untilHalted, { attempts: 2 }));
    const job = await reaches('running', await add());
    await jobs.onModuleDestroy();
    expect(await jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0, error: 'the server stopped' });
    await start(kind(async () => undefined, { attempts: 2 }));
    expect(await reaches('succeeded', job)).toMatchObject({ attempt: 1, lease: 2 });
  });

  it('what nobody knows how to do has failed', async () => {
    const { job } = await queue.add({ kind: 'forgotten', payload: {}, uniqueKey: null, ...byItself });
    await start(kind(untilHalted));
    expect(await jobs.get(job.id)).toMatchObject({ state: 'failed' });
  });
});
