import type { Berth } from '../../support/berth.js';
import { buildImage } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import type { Acknowledged } from './acknowledged.js';
import { pause } from './fault.js';

/** Loops that push images one after the other and note what was acknowledged, whatever happens to the server meanwhile. */
export class Storm {
  readonly #loops: Promise<void>[];
  #over = false;
  /** Pushes that were cut off or refused. */
  failed = 0;
  /** 5xx answers and what they said. */
  readonly faults: string[] = [];

  constructor(berth: Berth, acknowledged: Acknowledged, loops: number, layers: readonly number[]) {
    this.#loops = Array.from({ length: loops }, (_, loop) => this.#push(berth, acknowledged, `storm/${loop}`, layers));
  }

  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
  }

  async #push(berth: Berth, acknowledged: Acknowledged, repository: string, layers: readonly number[]): Promise<void> {
    let client: RegistryClient | undefined;
    for (let round = 0; !this.#over; round++) {
      const image = buildImage({ seed: `${repository}/${round}`, layers });
      const tag = `v${round}`;
      try {
        client ??= await RegistryClient.open(berth.url, berth.admin);
        await client.push(repository, tag, image);
        acknowledged.add(repository, tag, image);
      } catch (error) {
        this.failed++;
        client = undefined;
        const said = error instanceof Error ? error.message : String(error);
        if (/got 5\d\d/.test(said)) this.faults.push(said);
        await pause(20); // nobody listens while the server is away
      }
    }
  }
}
