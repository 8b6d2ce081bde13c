import { type TemporaryImages, temporaryImages } from '../../test/support/temporary-images.js';
import { blobQueries } from './blobs.store.js';
import { inspectedImageQueries, inspectedPageQueries } from './inspected-images.store.js';
import { manifestQueries } from './manifests.store.js';
import { referrerQueries } from './referrers.store.js';
import { tagHistoryQueries } from './tag-history.store.js';
import { tagQueries } from './tags.store.js';

let registry: TemporaryImages;
beforeAll(async () => {
  registry = await temporaryImages();
});
afterAll(() => registry.remove());

const planOf = async (query: string) => {
  const parameters = Array.from(query.matchAll(/\?/g), () => 1);
  const steps = await registry.database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${query}`, parameters);
  return steps.map(({ detail }) => detail);
};

it.each([
  ...manifestQueries,
  ...blobQueries,
  ...tagQueries,
  ...referrerQueries,
  ...tagHistoryQueries,
  ...inspectedImageQueries,
])('looks nothing up by reading a whole table: %s', async (query) => {
  const plan = await planOf(query);
  expect(plan).not.toEqual([]);
  expect(plan.filter((step) => step.startsWith('SCAN'))).toEqual([]);
});

it.each([...tagQueries, ...tagHistoryQueries, ...inspectedPageQueries])(
  'takes a page out of an index, without sorting: %s',
  async (query) => {
    expect((await planOf(query)).filter((step) => step.includes('TEMP B-TREE'))).toEqual([]);
  },
);

it('walks the referrers of one subject, of one type if asked so, and no other manifest', async () => {
  const place = 'repository_id=? AND subject=?';
  expect((await Promise.all(referrerQueries.map(planOf))).map(([, ...steps]) => steps)).toEqual([
    [`SEARCH m USING INDEX manifests_subject (${place} AND digest>?)`],
    [`SEARCH m USING INDEX manifests_subject_type (${place} AND artifact_type=? AND digest>?)`],
    [`SEARCH m USING INDEX manifests_subject (${place})`],
  ]);
});
