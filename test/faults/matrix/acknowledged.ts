import assert from 'node:assert/strict';
import type { Berth } from '../../support/berth.js';
import { fsckOf } from '../../support/fsck.js';
import type { Built } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';

interface Promised {
  readonly repository: string;
  /** A tag, or the digest itself. */
  readonly reference: string;
  readonly digest: string;
}

/** What the registry has acknowledged so far, and that it is still there. */
export class Acknowledged {
  readonly #promised = new Map<string, Promised>();

  get count(): number {
    return this.#promised.size;
  }

  /** To be called once the client has its 201. */
  add(repository: string, reference: string, { manifest }: Built): void {
    this.#promised.set(`${repository}:${reference}`, { repository, reference, digest: manifest.digest });
  }

  snapshot(): Acknowledged {
    const copy = new Acknowledged();
    for (const [key, promised] of this.#promised) copy.#promised.set(key, promised);
    return copy;
  }

  /** Pulls the latest of them, byte by byte; throws with all that are lost, each with its place in the order of acknowledgement. */
  async expectPullable(berth: Berth, latest = Number.POSITIVE_INFINITY): Promise<void> {
    const client = await RegistryClient.open(berth.url, berth.admin);
    const all = [...this.#promised.values()];
    const lost: string[] = [];
    for (const [index, { repository, reference, digest }] of all.entries()) {
      if (index < all.length - latest) continue;
      const found = await client.pull(repository, reference).catch(String);
      if (found !== digest)
        lost.push(`${index + 1} of ${all.length}, ${repository}:${reference} (${digest}): ${found}`);
    }
    assert.deepEqual(lost, []);
  }
}

/** No damage, and no upload that should be gone. Bytes that no row knows may lie there: garbage collection takes them. */
export async function expectSound(dataDir: string): Promise<void> {
  const { findings } = await fsckOf(dataDir);
  assert.deepEqual(
    findings.filter(({ severity, kind }) => severity !== 'waste' || kind === 'upload'),
    [],
  );
}
