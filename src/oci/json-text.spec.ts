import fc from 'fast-check';
import { JsonText, type Place } from './json-text.js';

const all = { count: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const inObject = (value: unknown) => {
  const json = new JsonText(Buffer.from(JSON.stringify({ before: [{ x: '}"]' }], it: value, after: 1 }, null, 1)));
  return { json, place: json.pick(json.root(), 'it').it };
};

/** The value as the reader sees it, all of it. */
function read(json: JsonText, place: Place | undefined): unknown {
  if (json.list(place)) return json.take(place, all, ({ value }) => [read(json, value)]).flat(1);
  if (json.object(place)) {
    const members = json.take(place, all, ({ key, value }) => [json.text(key, 1e6) ?? '', read(json, value)] as const);
    return Object.fromEntries(members);
  }
  return json.text(place, 1e6) ?? json.number(place) ?? json.isTrue(place);
}

const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree')),
    fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
  ),
}));

describe('a JSON document read where it stands', () => {
  it('says what JSON.parse says', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const { json, place } = inObject(value);
        expect(read(json, place)).toEqual(JSON.parse(JSON.stringify(value)));
        const entries = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
        expect(place?.count).toBe(entries);
      }),
    );
  });

  it('neither throws nor hangs on what is no JSON', () => {
    const marks = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\\u12', 'a', '1', '"a":'));
    const walk = (bytes: Uint8Array) => {
      const json = new JsonText(bytes);
      for (const root of [json.root(), json.knownRoot()]) void read(json, root);
    };
    fc.assert(fc.property(marks, (parts) => walk(Buffer.from(`{${parts.join('')}}`))));
    fc.assert(fc.property(fc.uint8Array(), walk));
  });

  it.each(['', ' ', '[]', '"x"', 'null', '{', '{"a":[}', '{} {}', '{}x', '{"a":"}'])(
    'finds no object in %j',
    (text) => {
      expect(new JsonText(Buffer.from(text)).root()).toBeUndefined();
    },
  );

  it('has the last of members with one name', () => {
    const json = new JsonText(Buffer.from('{"a":1,"\\u0061":2,"__proto__":3}'));
    const { a, __proto__: own } = json.pick(json.root(), 'a', '__proto__');
    expect([json.number(a), json.number(own)]).toEqual([2, 3]);
  });

  it('cuts what is long, and marks it', () => {
    for (const unit of ['x', '"', '\\', '\u0001', 'é', '水', '😀']) {
      const { json, place } = inObject(unit.repeat(100_000));
      const text = json.text(place, 101) ?? '';
      expect(text.length).toBeGreaterThanOrEqual(100);
      expect(text.length).toBeLessThanOrEqual(101);
      expect(text).toBe(`${unit.repeat(100 / unit.length)}…`);
    }
    expect(inObject('x'.repeat(101)).json.text(inObject('x'.repeat(101)).place, 101)).toBe('x'.repeat(101));
  });

  it('takes the first of many, and knows how many there are', () => {
    const { json, place } = inObject(Array.from({ length: 300_000 }, (_, i) => `${i}`));
    const text = ({ value }: { readonly value: Place }) => json.text(value, 10);
    expect(place?.count).toBe(300_000);
    expect(json.take(place, { count: 3, bytes: 100 }, text)).toEqual(['0', '1', '2']);
    expect(json.take(place, { count: 100, bytes: 8 }, text)).toEqual(['0', '1']);
  });

  it('walks over any depth', () => {
    const json = new JsonText(Buffer.from(`{"deep":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)},"behind":1}`));
    const { deep, behind } = json.pick(json.root(), 'deep', 'behind');
    expect([deep?.count, json.number(behind)]).toEqual([1, 1]);
  });
});
