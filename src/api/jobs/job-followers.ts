import { once } from 'node:events';
import { Failure } from '../../errors/failure.js';
import { isEnded } from '../../jobs/job.js';
import type { Jobs } from '../../jobs/jobs.js';
import { eventOf, presentJob } from './present-job.js';

/** Who follows jobs at the same time, at most: each holds a connection. */
const mostFollowers = 64;
/** Milliseconds of silence at most: proxies end what says nothing, and whether they still may is asked anew. */
const beat = 10_000;
const linesAtOnce = 100;

/** Those who follow jobs. Their answers end with the job, and at once when the server stops: it waits for answers that are under way. */
export class JobFollowers {
  readonly #stop = new AbortController();
  #count = 0;

  constructor(private readonly jobs: Pick<Jobs, 'get' | 'lines' | 'watch'>) {}

  /** Ends all of them; nobody can follow from now on. */
  end(): void {
    this.#stop.abort();
  }

  /**
   * What happens to a job as events: first how it is, then its lines behind the one that is known, then both again whenever
   * something is written down, until it has ended or `gone` says that nobody listens. Throws NOT_FOUND, and TOO_MANY_REQUESTS.
   * @param may asked before each piece; what it throws ends the stream
   */
  async *follow(id: number, known: number, gone: AbortSignal, may: () => Promise<void>): AsyncGenerator<string> {
    if (this.#count >= mostFollowers) throw new Failure('TOO_MANY_REQUESTS', { headers: { 'Retry-After': '10' } });
    const over = AbortSignal.any([gone, this.#stop.signal]);
    let news = new AbortController();
    const unwatch = this.jobs.watch(id, () => news.abort());
    this.#count++;
    try {
      for (let behind = known; !over.aborted; ) {
        news = new AbortController();
        await may();
        const job = await this.jobs.get(id);
        const lines = await this.jobs.lines(id, behind, linesAtOnce);
        behind = lines.at(-1)?.number ?? behind;
        yield [eventOf('job', presentJob(job)), ...lines.map((line) => eventOf('line', line))].join('');
        if (lines.length === linesAtOnce) continue;
        if (isEnded(job.state)) return;
        const until = AbortSignal.any([news.signal, over, AbortSignal.timeout(beat)]);
        if (!until.aborted) await once(until, 'abort');
      }
    } finally {
      this.#count--;
      unwatch();
    }
  }
}
