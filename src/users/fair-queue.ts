/**
 * Work that waits for something dear, one of each owner in turn: whoever asks a thousand times waits for themselves. When it is full,
 * the newest of whoever has the most waiting gives way, so that a crowd from one place never keeps others out, and one owner alone may
 * fill all of it.
 */
export class FairQueue<Job> {
  /** In the order of their turns. */
  readonly #waiting = new Map<string, Job[]>();
  #size = 0;

  /** @param limit most that wait altogether */
  constructor(private readonly limit: number) {}

  /** Returns the work that has to go for it, which may be itself. */
  push(owner: string, job: Job): Job | undefined {
    const own = this.#waiting.get(owner);
    if (own === undefined) this.#waiting.set(owner, [job]);
    else own.push(job);
    this.#size += 1;
    return this.#size > this.limit ? this.#giveWay() : undefined;
  }

  /** The next one; its owner waits for all others before the one after that. */
  shift(): Job | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    const [owner, own] = next;
    const job = own.shift();
    this.#waiting.delete(owner);
    if (own.length > 0) this.#waiting.set(owner, own);
    this.#size -= 1;
    return job;
  }

  /** Of several who have the most it is the last in turn, so that those who waited longer stay. */
  #giveWay(): Job | undefined {
    let owner = '';
    let most: Job[] = [];
    for (const [name, own] of this.#waiting) if (own.length >= most.length) [owner, most] = [name, own];
    const job = most.pop();
    if (most.length === 0) this.#waiting.delete(owner);
    this.#size -= 1;
    return job;
  }
}
