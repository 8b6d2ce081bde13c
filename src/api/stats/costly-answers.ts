import { clock } from '../../async/clock.js';

interface Kept<T> {
  readonly value: T;
  /** Until when it is given again. */
  until: number;
}

/** Everybody who looks for the same answer now. */
interface Search<T> {
  /** Aborted when one of them has found it. */
  readonly over: AbortController;
  found?: { readonly answer: T };
  seekers: number;
}

export interface Question {
  /** All that the answer depends on. */
  readonly key: string;
  /** Whose turn a search for it is. */
  readonly by: string;
}

/** How many times as long as it took to find an answer is good. */
const worth = 20;
/** And a failure, so that what cannot be found is not looked for all the time. */
const worthOfFailure = 3;
/** Answers remembered. */
const most = 500;

/**
 * Answers that look at much. One that took a second is given again for twenty, so that whoever asks all the time takes a twentieth
 * of what there is, and small ones are as fresh as if nothing were remembered.
 */
export class CostlyAnswers<T> {
  readonly #found = new Map<string, Kept<T>>();
  /** By key and seeker, while they look and when they found nothing. */
  readonly #sought = new Map<string, Kept<Promise<T>>>();
  readonly #searches = new Map<string, Search<T>>();

  /**
   * Who asks while the answer is being found for somebody else gets what is found first, but looks as well: whose turns do not come, or
   * whose searches fail, keeps nobody else waiting.
   * @param find told by its signal that nobody needs what it finds
   */
  async get({ key, by }: Question, find: (over: AbortSignal) => Promise<T>): Promise<T> {
    const began = clock.steady();
    const known = this.#found.get(key);
    if (known !== undefined && began < known.until) return known.value;
    const whose = `${by} ${key}`;
    const sought = this.#sought.get(whose);
    if (sought !== undefined && began < sought.until) return await sought.value;
    const looking = { value: this.#look(key, find), until: Number.POSITIVE_INFINITY };
    remember(this.#sought, whose, looking);
    try {
      const answer = await looking.value;
      this.#sought.delete(whose);
      return answer;
    } catch (error) {
      looking.until = began + (clock.steady() - began) * (1 + worthOfFailure);
      throw error;
    }
  }

  async #look(key: string, find: (over: AbortSignal) => Promise<T>): Promise<T> {
    const began = clock.steady();
    const search = this.#searches.get(key) ?? { over: new AbortController(), seekers: 0 };
    this.#searches.set(key, search);
    search.seekers++;
    try {
      const answer = await find(search.over.signal);
      if (search.found === undefined) {
        search.found = { answer };
        remember(this.#found, key, { value: answer, until: began + (clock.steady() - began) * (1 + worth) });
        search.over.abort();
      }
      return search.found.answer;
    } catch (error) {
      if (search.found === undefined) throw error;
      return search.found.answer;
    } finally {
      if (--search.seekers === 0 || search.found !== undefined) this.#forget(key, search);
    }
  }

  /** Whoever asks from now on begins another one. */
  #forget(key: string, search: Search<T>): void {
    if (this.#searches.get(key) === search) this.#searches.delete(key);
  }
}

/** As the latest; the oldest gives way. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.size > most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}
