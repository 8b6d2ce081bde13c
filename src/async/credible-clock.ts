import { clock } from './clock.js';

/**
 * A wall clock for what ends with age: between two readings no more time passes on it than really did, so nothing grows old because
 * somebody set the clock forward. Set back, it counts at once.
 */
export class CredibleClock {
  #read = { wall: clock.wall(), steady: clock.steady() };

  /** Milliseconds since 1970. */
  now(): number {
    const { wall, steady } = this.#read;
    this.#read = { wall: clock.wall(), steady: clock.steady() };
    return Math.min(this.#read.wall, wall + this.#read.steady - steady);
  }
}
