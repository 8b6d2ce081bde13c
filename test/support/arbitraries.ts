import fc from 'fast-check';
import type { Descriptor } from '../../src/oci/descriptor.js';
import { type Digest, makeDigest } from '../../src/oci/digest.js';
import { parseTag, type Tag } from '../../src/oci/reference.js';
import { maxRepositoryNameLength, parseRepositoryName, type RepositoryName } from '../../src/oci/repository-name.js';

/** Values of the OCI vocabulary, composed from what the specification says rather than from the program's own grammars. */
const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';

export const textOf = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

export const hexOf = (length: number): fc.Arbitrary<string> => textOf('0123456789abcdef', length, length);

export const digests: fc.Arbitrary<Digest> = fc.oneof(
  hexOf(64).map((hex) => makeDigest('sha256', hex)),
  hexOf(128).map((hex) => makeDigest('sha512', hex)),
);

const run = textOf(lower + digits, 1, 8);
const separator = fc.oneof(
  fc.constantFrom('.', '_', '__'),
  fc.integer({ min: 1, max: 4 }).map((n) => '-'.repeat(n)),
);
const component = fc
  .tuple(run, fc.array(fc.tuple(separator, run), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.flat().join(''));

export const repositoryNames: fc.Arbitrary<RepositoryName> = fc
  .array(component, { minLength: 1, maxLength: 5 })
  .map((components) => components.join('/'))
  .filter((name) => name.length <= maxRepositoryNameLength)
  .map(parseRepositoryName);

const word = `${lower + lower.toUpperCase() + digits}_`;
export const tags: fc.Arbitrary<Tag> = fc
  .tuple(textOf(word, 1, 1), textOf(`${word}.-`, 0, 127))
  .map(([first, rest]) => parseTag(first + rest));

export const annotations: fc.Arbitrary<Record<string, string>> = fc
  .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), fc.string()))
  .map((entries) => JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`));

export const descriptors: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.string({ minLength: 1 }),
    digest: digests,
    size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    artifactType: fc.string(),
    annotations,
    urls: fc.array(fc.webUrl()),
    data: fc.base64String(),
    platform: fc.record(
      {
        os: textOf(lower, 1, 8),
        architecture: textOf(lower + digits, 1, 8),
        variant: textOf(word, 1, 4),
        'os.version': textOf(digits, 1, 4),
      },
      { requiredKeys: ['os', 'architecture'] },
    ),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
);
