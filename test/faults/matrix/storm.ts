import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Berth } from '../../support/berth.js';
import { buildImage } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import type { Acknowledged } from './acknowledged.js';
import { pause } from './fault.js';

/** Loops that push images one after the other and note what was acknowledged, whatever happens to the server meanwhile. */
export class Storm {
  readonly #loops: Promise<void>[];
  readonly #waiting: (() => void)[] = [];
  #over = false;
  /** Why pushes were cut off or refused, one line each. */
  readonly failures: string[] = [];

  /** @param shapes sizes of the layers of an image: the loops push one of each shape, and begin again */
  constructor(berth: Berth, acknowledged: Acknowledged, loops: number, ...shapes: readonly (readonly number[])[]) {
    // Repositories of its own: what an earlier storm on that server left would not be pushed again.
    const name = `storm/${randomUUID().slice(0, 8)}`;
    this.#loops = Array.from({ length: loops }, (_, loop) =>
      this.#push(berth, acknowledged, `${name}/${loop}`, shapes),
    );
  }

  /** Those that got an answer 5xx. */
  get faults(): string[] {
    return this.failures.filter((failure) => /got 5\d\d/.test(failure));
  }

  /** Resolves when the next push is acknowledged: whatever is done then has something to lose. */
  nextAcknowledged(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
  }

  async #push(
    berth: Berth,
    acknowledged: Acknowledged,
    repository: string,
    shapes: readonly (readonly number[])[],
  ): Promise<void> {
    let client: RegistryClient | undefined;
    for (let round = 0; !this.#over; round++) {
      const layers = shapes[round % shapes.length] ?? [];
      const image = buildImage({ seed: `${repository}/${round}`, layers });
      const tag = `v${round}`;
      try {
        client ??= await RegistryClient.open(berth.url, berth.admin);
        await client.push(repository, tag, image);
        acknowledged.add(repository, tag, image);
        for (const resolve of this.#waiting.splice(0)) resolve();
      } catch (error) {
        client = undefined;
        this.failures.push(error instanceof Error ? error.message : String(error));
        await pause(20); // nobody listens while the server is away
      }
    }
  }
}

/** Does something in the middle of a storm that has to succeed, and resolves when both are over. */
export async function amid<T>(storm: Storm, work: () => Promise<T>): Promise<T> {
  let done: T;
  try {
    await storm.nextAcknowledged();
    done = await work();
  } finally {
    await storm.end();
  }
  assert.deepEqual(storm.failures, []);
  return done;
}
