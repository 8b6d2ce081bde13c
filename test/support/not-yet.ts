/** What breaks the laws of statements today (docs/architecture.md, "Tables have owners"). It only shrinks. */
export const notYet: readonly string[] = [
  'layout/mirror.ts asks the database and is no store',
  'layout/mirror.ts names blob_links, a table of images/',
  'layout/mirror.ts names manifest_references, a table of images/',
  'layout/mirror.ts names manifests, a table of images/',
  'layout/mirror.ts names repositories, a table of repositories/',
  'layout/mirror.ts names tags, a table of images/',
];
