/** What breaks the laws of statements today (docs/architecture.md, "Tables have owners"). It only shrinks. */
export const notYet: readonly string[] = [
  'layout/layout-mirror.ts asks the database and is no store',
  'layout/mirror.ts asks the database and is no store',
  'layout/mirror.ts names blob_links, a table of images/',
  'layout/mirror.ts names manifest_references, a table of images/',
  'layout/mirror.ts names manifests, a table of images/',
  'layout/mirror.ts names repositories, a table of repositories/',
  'layout/mirror.ts names tags, a table of images/',
  'repositories/note-layout.ts asks the database and is no store',
  'repositories/note-layout.ts names layout_changes, a table of layout/',
];
