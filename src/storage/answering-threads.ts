import { Worker } from 'node:worker_threads';

/** Milliseconds without work after which a thread ends. */
const idleAfter = 10_000;

/** Megabytes in which a thread makes its objects: it makes few, and the usual room is filled before anything is given back. */
const youngMegabytes = 2;

/** Threads of one kind. They start when there is work for them and end when there has been none for a while. */
export class AnsweringThreads<Question, Answer> {
  readonly #threads = new Set<AnsweringThread<Question, Answer>>();

  constructor(private readonly worker: URL) {}

  /**
   * The one with the least work, held: whoever takes it says `release` once.
   * @param most threads there may be; above, none is started for this
   */
  take(most: number): AnsweringThread<Question, Answer> {
    const [leastBusy] = [...this.#threads].sort((one, other) => one.holders - other.holders);
    const free = leastBusy !== undefined && (leastBusy.holders === 0 || this.#threads.size >= most);
    const thread = free ? leastBusy : this.#start();
    thread.hold();
    return thread;
  }

  /** Ends the threads; whoever waits for one is told. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #start(): AnsweringThread<Question, Answer> {
    const worker = new Worker(this.worker, { resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes } });
    const thread = new AnsweringThread<Question, Answer>(worker, () => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that answers what it is asked, in the order of asking. */
export class AnsweringThread<Question, Answer> {
  readonly #waiting: Waiting<Answer>[] = [];
  #holders = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly onEnd: () => void,
  ) {
    worker.unref();
    worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => {
      this.onEnd();
      this.#fail(new Error('the thread has ended'));
    });
  }

  get holders(): number {
    return this.#holders;
  }

  hold(): void {
    clearTimeout(this.#rest);
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) {
      this.#rest = setTimeout(() => void this.end(), idleAfter).unref();
    }
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.worker.postMessage(question);
    });
  }

  /** For what has no answer. */
  tell(question: Question): void {
    this.worker.postMessage(question);
  }

  async end(): Promise<void> {
    clearTimeout(this.#rest);
    this.onEnd();
    await this.worker.terminate();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) {
      reject(error);
    }
  }
}
