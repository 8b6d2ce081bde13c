import { outcomeOf } from '../../test/support/outcome.js';
import { digest, existingReference, newReference } from './targets.js';

const whole = `sha256:${'a'.repeat(64)}`;
const outcome = (parse: () => unknown) => outcomeOf(Promise.resolve().then(parse));
const escaped = whole.replace(':', '%3A');

test('the colon of a digest may be escaped', () => {
  expect(digest(escaped)).toBe(whole);
  expect(newReference(escaped)).toEqual({ kind: 'digest', digest: whole });
  expect(existingReference(escaped)).toEqual({ kind: 'digest', digest: whole });
});

test.each([
  ['a tag', 'latest', 'done'],
  ['what is no tag', '-x', 'TAG_INVALID'],
  ['what cannot be decoded', '%zz', 'TAG_INVALID'],
  ['what has a slash', 'a/b%3Ac', 'TAG_INVALID'],
  ['half a digest', 'sha256:abc', 'DIGEST_INVALID'],
])('a new reference: %s', async (_, text, code) => {
  expect(await outcome(() => newReference(text))).toBe(code);
});

test.each([
  ['a tag', 'latest', 'done'],
  ['what is no tag', '-x', 'MANIFEST_UNKNOWN'],
  ['what has a slash', 'a/b%3Ac', 'MANIFEST_UNKNOWN'],
  ['half a digest', 'sha256:abc', 'DIGEST_INVALID'],
])('an existing reference: %s', async (_, text, code) => {
  expect(await outcome(() => existingReference(text))).toBe(code);
});
