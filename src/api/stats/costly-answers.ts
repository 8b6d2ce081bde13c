interface Known<T> {
  readonly answer: Promise<T>;
  /** Until when it is given again. */
  until: number;
}

/** How many times as long as it took to find an answer is good. */
const worth = 20;
/** And a failure, so that what cannot be found is not looked for all the time. */
const worthOfFailure = 3;
/** Answers remembered. */
const most = 500;

/**
 * Answers that look at much. One that took a second is given again for twenty, so that whoever asks all the time takes a twentieth
 * of what there is, and small ones are as fresh as if nothing were remembered. The key has to be the whole question.
 */
export class CostlyAnswers<T> {
  readonly #known = new Map<string, Known<T>>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Who asks while the answer is being found waits for the same. */
  async get(key: string, find: () => Promise<T>): Promise<T> {
    const began = this.now();
    const known = this.#known.get(key);
    if (known !== undefined && began < known.until) return await known.answer;
    const found: Known<T> = { answer: find(), until: Number.POSITIVE_INFINITY };
    this.#known.delete(key);
    this.#known.set(key, found);
    if (this.#known.size > most) this.#forgetOldest();
    let times = worthOfFailure;
    try {
      const answer = await found.answer;
      times = worth;
      return answer;
    } finally {
      found.until = began + (this.now() - began) * (1 + times);
    }
  }

  #forgetOldest(): void {
    for (const key of this.#known.keys()) {
      this.#known.delete(key);
      return;
    }
  }
}
