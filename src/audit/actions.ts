/** What came of it. */
export const auditResults = ['ok', 'failed', 'denied'] as const;
export type AuditResult = (typeof auditResults)[number];

export interface AuditActionRow {
  readonly result: AuditResult;
  /** The kind of thing it is done to; none where it has no name of its own. */
  readonly resource: string;
  /** The only fields of before and after that are ever written down. What is not named here cannot leak. */
  readonly fields: readonly string[];
  readonly doc: string;
}

const user = ['username', 'fullName', 'email', 'role', 'enabled', 'mustChangePassword'];
const group = ['name', 'description'];
const member = ['username'];
const robot = ['name', 'namespace', 'description', 'enabled', 'expiresAt'];
const secret = ['id', 'hint', 'expiresAt'];
const token = ['name', 'owner', 'hint', 'scopes', 'expiresAt'];
const repository = ['name', 'visibility', 'description'];
const grant = ['subject', 'pattern', 'actions'];

function row(resource: string, doc: string, fields: readonly string[] = [], result: AuditResult = 'ok') {
  return { result, resource, fields, doc };
}

/** Every action there is a record of: the program, its filters and docs/audit.md read this table. */
export const auditActions = {
  'sign-in': row(
    'user',
    'A password or a secret was right. Programs that sign in again and again are counted by the hour, with the kind of credential as reference; behind `refresh` stands what the program calls itself.',
    ['way'],
  ),
  'sign-in-failed': row(
    'user',
    'It was wrong, or the account is locked or disabled. A name is kept only if it is an account.',
    ['way'],
    'failed',
  ),
  'sign-out': row('user', 'A session ended itself.'),
  denied: row(
    'repository',
    'Something was asked for that the actor may not do: on the data plane with the repository and what is missing, elsewhere with the route as reference. Counted by the hour.',
    ['missing'],
    'denied',
  ),
  push: row(
    'repository',
    'A manifest was pushed, or a tag was pointed to one that is there; the reference is the tag, or the digest.',
    ['digest', 'tags'],
  ),
  pull: row('repository', 'A manifest was pulled. Counted by actor, repository, reference and hour.'),
  'tag.delete': row('repository', 'A tag was deleted.'),
  'manifest.delete': row('repository', 'A manifest was deleted, and the tags that pointed to it.', ['tags']),
  'blob.delete': row('repository', 'A blob was taken out of a repository.'),
  'upload.end': row('repository', 'An unfinished upload was ended from the list.', ['id', 'account', 'bytes']),
  'user.create': row('user', 'An account was made.', user),
  'user.update': row('user', 'Role, state or particulars of an account changed.', user),
  'user.delete': row('user', 'An account was removed, with its sessions, tokens and grants.', user),
  'user.password': row('user', 'An account got another password, which ended its sessions.', ['mustChangePassword']),
  'user.unlock': row('user', 'Locks after failed sign-ins were lifted.', ['locks']),
  'session.end': row('user', 'A session or a refresh token was ended from the list, or gave way to a new one.', [
    'id',
    'address',
  ]),
  'group.create': row('group', 'A group was made.', group),
  'group.update': row('group', 'A group was described anew.', group),
  'group.delete': row('group', 'A group was removed, with its grants.', group),
  'group.member-add': row('group', 'Somebody joined a group.', member),
  'group.member-remove': row('group', 'Somebody left a group.', member),
  'robot.create': row('robot', 'A robot was made.', robot),
  'robot.update': row('robot', 'State, expiry or description of a robot changed.', robot),
  'robot.delete': row('robot', 'A robot was removed, with its secrets and grants.', robot),
  'robot.secret-add': row('robot', 'A robot got a further secret.', secret),
  'robot.secret-remove': row('robot', 'A secret of a robot was removed.', secret),
  'token.create': row('token', 'A personal access token was made.', token),
  'token.update': row(
    'token',
    'A scope ended with the repository it was for, and has no action any more, or became part of a scope for its new name.',
    token,
  ),
  'token.rotate': row('token', 'A personal access token got another secret.', token),
  'token.delete': row('token', 'A personal access token was removed.', token),
  'repository.create': row('repository', 'A repository was made, by hand or by its first push.', repository),
  'repository.update': row('repository', 'Visibility or description of a repository changed.', repository),
  'repository.rename': row('repository', 'A repository got another name.', repository),
  'layout.sync': row('', 'Somebody had the whole layout on the disk completed.'),
  'layout.reindex': row('', 'Somebody had the layout on the disk taken into the index.'),
  'repository.delete': row('repository', 'A repository was removed, with its tags and manifests.', repository),
  'grant.create': row('grant', 'Rights were granted.', grant),
  'grant.update': row('grant', 'Granted rights changed.', grant),
  'grant.delete': row(
    'grant',
    'Granted rights were taken back, ended with the repository of that name or with whoever had them, or became part of a grant on its new name.',
    grant,
  ),
  'job.run': row('job', 'Somebody had a job run; the reference is its number.'),
  'job.cancel': row('job', 'Somebody cancelled a job; the reference is its number.'),
  'key.rotate': row('key', 'The key that signs registry tokens was replaced.', ['kid']),
  'audit.export': row('', 'This record was exported; the reference is the format.'),
} as const satisfies Record<string, AuditActionRow>;

export type AuditAction = keyof typeof auditActions;

/** Every action, in the order of the table. */
export const auditActionNames = Object.keys(auditActions) as AuditAction[]; // Object.keys forgets which keys they are

/** The actions that end so. */
export function actionsWithResult(result: AuditResult): AuditAction[] {
  return auditActionNames.filter((action) => auditActions[action].result === result);
}
