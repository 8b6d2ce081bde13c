import { clock } from './clock.js';

/** How far the wall clock is ahead of the steady one; more than before once somebody set it forward. */
const ahead = () => clock.wall() - clock.steady();

/**
 * A wall clock for what ends with age: nothing grows old because somebody set the clock forward. It goes on in real time then, and counts
 * the step once the clock has been so for long enough. Set back, it counts at once, and set right again it is a step forward as well.
 */
export class CredibleClock {
  #believed = ahead();
  #since = clock.steady();
  /** The least of all readings since then. */
  #least = this.#believed;

  /**
   * @param believedAfter milliseconds of real time for which every reading must have shown a step forward before it counts. Readings are
   * compared in periods of that length, so it takes up to two. With 0, it counts from the second reading on that shows it.
   */
  constructor(private readonly believedAfter: number) {}

  /** Milliseconds since 1970. */
  now(): number {
    const [steady, read] = [clock.steady(), ahead()];
    if (steady - this.#since >= this.believedAfter) {
      [this.#believed, this.#since, this.#least] = [this.#least, steady, read];
    }
    this.#least = Math.min(this.#least, read);
    this.#believed = Math.min(this.#believed, read);
    return this.#believed + steady;
  }
}
