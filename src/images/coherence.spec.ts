import fc from 'fast-check';
import { app, imageManifest, type TemporaryImages, temporaryImages } from '../../test/support/temporary-images.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { parseReference, parseTag } from '../oci/reference.js';

const tags = ['a', 'b', 'c'];
const seeds = ['x', 'y'];
const steps = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), tag: fc.constantFrom(...tags), seed: fc.constantFrom(...seeds) }),
  fc.record({ kind: fc.constant('delete tag' as const), tag: fc.constantFrom(...tags) }),
  fc.record({ kind: fc.constant('delete manifest' as const), seed: fc.constantFrom(...seeds) }),
);

let registry: TemporaryImages;
let config: Descriptor;
const digests = new Map<string, Digest>();

beforeAll(async () => {
  registry = await temporaryImages();
  config = await registry.addBlob(app, '{}');
});
afterAll(() => registry.remove());

const find = async (reference: string) => (await registry.images.findManifest(app, parseReference(reference)))?.digest;
const push = (tag: string, seed: string) =>
  registry.push(app, tag, imageManifest(config, [], { annotations: { seed } }));
const ignoringUnknown = (work: Promise<void>) => work.catch(() => undefined);

it('what is remembered is what every acknowledged write left, also when readers ask all the time', async () => {
  for (const seed of seeds) digests.set(seed, await push('a', seed));
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 12 }), async (history) => {
      for (const tag of tags) await ignoringUnknown(registry.images.deleteTag(app, parseTag(tag)));
      const expected = new Map<string, Digest>();
      for (const step of history) {
        let writing = true;
        const reading = (async () => {
          while (writing) {
            for (const tag of tags) await find(tag);
            await new Promise(setImmediate);
          }
        })();
        if (step.kind === 'push') {
          expected.set(step.tag, await push(step.tag, step.seed));
        } else if (step.kind === 'delete tag') {
          await ignoringUnknown(registry.images.deleteTag(app, parseTag(step.tag)));
          expected.delete(step.tag);
        } else {
          const digest = digests.get(step.seed);
          if (digest) await ignoringUnknown(registry.images.deleteManifest(app, digest));
          for (const tag of tags) if (expected.get(tag) === digest) expected.delete(tag);
        }
        const seen = await Promise.all(tags.map(find));
        writing = false;
        await reading;
        expect(seen).toEqual(tags.map((tag) => expected.get(tag)));
        expect(await registry.images.listTags(app, { limit: 10 })).toEqual([...expected.keys()].sort());
      }
    }),
    { numRuns: 60 },
  );
});
