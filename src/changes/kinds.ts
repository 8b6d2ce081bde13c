import type { Action } from '../access/action.js';
import type { Pattern } from '../access/pattern.js';
import type { Role } from '../access/principal.js';
import type { Visibility } from '../access/visibility.js';
import type { AuditAction } from '../audit/actions.js';
import type { Change as AuditChange } from '../audit/new-event.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** Everything a change may say of itself in the feed. No secret, no free text; names are those of the moment it happened. */
interface Facts {
  readonly repository: RepositoryName;
  /** The name a repository had until then. */
  readonly formerly: RepositoryName;
  readonly visibility: Visibility;
  readonly ownerId: number | null;
  readonly digest: Digest;
  readonly digests: readonly Digest[];
  readonly tag: Tag;
  /** At most a thousand in one row: a change with more has further rows. */
  readonly tags: readonly Tag[];
  readonly upload: string;
  readonly username: string;
  readonly role: Role;
  readonly enabled: boolean;
  /** The row of a session or a refresh token, which is no secret. */
  readonly session: string;
  readonly group: string;
  readonly userId: number;
  readonly robot: string;
  readonly secretId: number;
  readonly token: string;
  readonly subjectType: 'user' | 'group' | 'robot';
  readonly subject: string;
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
  readonly noted: string;
}
type Fact = keyof Facts;

const account = ['username', 'role', 'enabled'] as const;
const token = ['token', 'userId'] as const;
const grant = ['subjectType', 'subject', 'pattern', 'actions'] as const;

/**
 * Changes that people read about too, each with its row of the audit under the same name, and what they say in the feed. What is not
 * named here cannot get there.
 */
const readByPeople = {
  push: ['repository', 'digest', 'tags'],
  'tag.delete': ['repository', 'tag', 'digest'],
  'manifest.delete': ['repository', 'digest', 'tags'],
  'blob.delete': ['repository', 'digest'],
  'upload.end': ['repository', 'upload'],
  'repository.create': ['repository', 'visibility', 'ownerId'],
  'repository.update': ['repository', 'visibility'],
  'repository.rename': ['repository', 'formerly', 'visibility'],
  'repository.delete': ['repository'],
  'user.create': account,
  'user.update': account,
  'user.password': account,
  'user.delete': account,
  'session.end': ['session'],
  'sign-out': ['session'],
  'group.create': ['group'],
  'group.update': ['group'],
  'group.delete': ['group'],
  'group.member-add': ['group', 'userId'],
  'group.member-remove': ['group', 'userId'],
  'robot.create': ['robot', 'enabled'],
  'robot.update': ['robot', 'enabled'],
  'robot.delete': ['robot', 'enabled'],
  'robot.secret-add': ['robot', 'secretId'],
  'robot.secret-remove': ['robot', 'secretId'],
  'token.create': token,
  'token.update': token,
  'token.rotate': token,
  'token.delete': token,
  'grant.create': grant,
  'grant.update': grant,
  'grant.delete': grant,
} as const satisfies Partial<Record<AuditAction, readonly Fact[]>>;

/** Changes that only programs follow. */
const notRead = {
  /** A blob can be pulled from a repository where it could not be before. */
  'blob.link': ['repository', 'digest'],
  /** These blobs, manifests and tags were on the disk, and are in the index from now on. */
  adoption: ['repository', 'digests', 'tags'],
  /** Noted for the layout by a version that had no feed; made by the upgrade alone. */
  'layout.note': ['repository', 'noted'],
  /** Positions from here on are those of a new epoch. */
  'epoch.begin': [],
} as const satisfies Record<string, readonly Fact[]>;

export const changeKinds = { ...readByPeople, ...notRead };
export type ChangeKind = keyof typeof changeKinds;
export type ReadKind = keyof typeof readByPeople;

export type Payload<Kind extends ChangeKind> = Pick<Facts, (typeof changeKinds)[Kind][number]>;

/** What a change is, of one of these kinds; `change.kind` tells which. */
export type Change<Kind extends ChangeKind = ChangeKind> = {
  [K in Kind]: {
    readonly kind: K;
    /** Of what changed, never given again: the repository it happened in, the account, group, robot, token or grant; null where there is none. */
    readonly id: number | null;
    readonly payload: Payload<K>;
  };
}[Kind];

/** What the audit says of it: the name of what was changed, and the states before and after, of which audit/actions.ts allows some. */
export interface ForPeople extends Omit<AuditChange, 'repositoryId'> {
  readonly name: string;
}

/** A change as whoever makes it tells it. */
export type NewChange<Kind extends ChangeKind = ChangeKind> = {
  [K in Kind]: Change<K> & (K extends ReadKind ? { readonly audit: ForPeople } : { readonly audit?: undefined });
}[Kind];

/** Only what its kind allows. */
export function allowedPayload({ kind, payload }: Change): Readonly<Partial<Record<Fact, unknown>>> {
  const said: Partial<Record<Fact, unknown>> = payload;
  const allowed: Partial<Record<Fact, unknown>> = {};
  for (const fact of changeKinds[kind]) allowed[fact] = said[fact];
  return allowed;
}
