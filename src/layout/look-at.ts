import type { Change, ChangeKind } from '../changes/kinds.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** What of a repository to look at: these tags and digests, all there is, or that what was there is gone. Of no repository: of all. */
export interface LookAt {
  readonly repository: RepositoryName | undefined;
  readonly names: readonly (Digest | Tag)[] | 'all' | 'gone';
}

/** The changes by which something is to be removed from the layout, and those by which something is to be written too. */
const removals = ['tag.delete', 'manifest.delete', 'blob.delete', 'repository.rename', 'repository.delete'] as const;
const everything = [...removals, 'push', 'blob.link', 'layout.note'] as const satisfies readonly ChangeKind[];

export type LayoutKind = (typeof everything)[number];

/** What the layout follows, written or only removed from. */
export const followedKinds = (writes: boolean): readonly LayoutKind[] =>
  writes ? everything : [...removals, 'layout.note'];

export function toLookAt(change: Change<LayoutKind>): LookAt[] {
  const { repository } = change.payload;
  switch (change.kind) {
    case 'push':
    case 'manifest.delete':
      return [{ repository, names: [change.payload.digest, ...change.payload.tags] }];
    case 'blob.link':
    case 'blob.delete':
      return [{ repository, names: [change.payload.digest] }];
    case 'tag.delete':
      return [{ repository, names: [change.payload.tag] }];
    case 'repository.rename':
      return [
        { repository: change.payload.formerly, names: 'gone' },
        { repository, names: 'all' },
      ];
    case 'repository.delete':
      return [{ repository, names: 'gone' }];
    case 'layout.note':
      return [ofNote(repository, change.payload.noted)];
  }
}

/** Every repository once, with all its names, and once more where everything of it is wanted: what is looked at is how it is now, whatever happened when. */
export function together(changed: readonly LookAt[]): LookAt[] {
  const named = new Map<LookAt['repository'], Set<Digest | Tag>>();
  const whole = new Map<LookAt['repository'], LookAt>();
  for (const one of changed) {
    const { repository, names } = one;
    if (names === 'gone' || (names === 'all' && !whole.has(repository))) whole.set(repository, one);
    if (typeof names === 'string') continue;
    const known = named.get(repository) ?? new Set();
    named.set(repository, known);
    for (const name of names) known.add(name);
  }
  return [...whole.values(), ...[...named].map(([repository, names]) => ({ repository, names: [...names] }))];
}

/** As the version wrote it that had no feed: names separated by spaces, `*` for all, nothing for what is gone; no repository for all. */
function ofNote(repository: RepositoryName, noted: string): LookAt {
  if (repository.length === 0) return { repository: undefined, names: 'all' };
  if (noted === '*') return { repository, names: 'all' };
  if (noted === '') return { repository, names: 'gone' };
  return { repository, names: noted.split(' ') as (Digest | Tag)[] }; // the mirror asks which each is
}
