import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import type { Action } from '../access/action.js';
import { parsePattern } from '../access/pattern.js';
import type { Narrowing } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import { ChangesStore } from '../changes/changes.store.js';
import { parseRepositoryName } from '../oci/repository-name.js';

let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

const app = parseRepositoryName('team/app');
const may = async (who: Principal, name = app, narrowedTo?: readonly Narrowing[]) => [
  ...(await world.permissions.allowedActions(who, name, narrowedTo)),
];

describe('a group', () => {
  it('gives its members what it was granted, from the next question on and no longer than it holds', async () => {
    await world.group('makers', 'ada');
    const answers: unknown[] = [await may(world.ada)];
    const { id } = await world.give('group', 'makers', 'team/*', 'push');
    answers.push(await may(world.ada));
    await world.groups.removeMember('makers', 'ada');
    answers.push(await may(world.ada));
    await world.groups.addMember('makers', 'ada');
    answers.push(await may(world.ada));
    await world.grants.remove(id);
    answers.push(await may(world.ada));
    await world.give('group', 'makers', 'team/app', 'delete');
    answers.push(await may(world.ada));
    await world.groups.remove('makers');
    answers.push(await may(world.ada));
    expect(answers).toEqual([[], ['pull', 'push'], [], ['pull', 'push'], [], ['pull', 'delete'], []]);
    expect((await world.grants.list({ limit: 10 })).items).toEqual([]);
  });

  it('is named where it is the reason, and answers at once when it is remembered', async () => {
    await world.repository('team/app');
    await world.group('makers', 'ada');
    const { id } = await world.give('group', 'makers', 'team/*', 'push');
    expect((await world.permissions.explain(world.ada, app)).push.reasons).toEqual([
      { rule: 'grant', grant: id, pattern: 'team/*', action: 'push', group: 'makers' },
    ]);
    expect(world.permissions.allowedActions(world.ada, app)).not.toBeInstanceOf(Promise);
  });
});

describe('a robot', () => {
  it('has its own grants, and those of no user with the same id', async () => {
    await world.repository('team/app');
    const robot = await world.robot('team', 'ci');
    await world.grant('team/app', 'push');
    await world.give('robot', 'team+ci', 'team/*', 'delete');
    expect([await may(robot), await may(world.ada)]).toEqual([
      ['pull', 'delete'],
      ['pull', 'push'],
    ]);
    expect(world.permissions.allowedActions(robot, app)).not.toBeInstanceOf(Promise);
    await world.robots.remove('team+ci');
    expect(await may(robot)).toEqual([]);
  });
});

describe('a narrowed credential', () => {
  const scope = (pattern: string, ...given: Action[]) => ({ pattern: parsePattern(pattern), actions: given });

  it('may what its owner may and its scopes name', async () => {
    await world.repository('team/app');
    await world.grant('team/*', 'push', 'delete');
    expect(await may(world.ada, app, [scope('team/app', 'push')])).toEqual(['pull', 'push']);
    expect(await may(world.ada, app, [scope('other/*', 'push')])).toEqual([]);
    expect(await may(world.admin, app, [scope('team/*', 'pull')])).toEqual(['pull']);
    expect(await may(world.admin, app, [])).toEqual([]);
    expect((await world.permissions.explain(world.ada, app, [scope('*', 'pull')])).delete.missing).toEqual({
      need: 'token-scope',
      action: 'delete',
      patterns: ['team/app', 'team/*', '*'],
    });
  });

  it('manages only patterns that lie inside its scopes', async () => {
    const manages = (pattern: string, ...narrowedTo: Narrowing[]) =>
      world.permissions.managing({ principal: world.admin, narrowedTo }).manages(parsePattern(pattern));
    expect(await manages('team/sub/*', scope('team/*', 'manage'))).toBe(true);
    expect(await manages('team/*', scope('team/sub/*', 'manage'))).toBe(false);
    expect(await manages('team/*', scope('team/example', 'manage'))).toBe(false);
    expect(await manages('team/app', scope('team/*', 'push'))).toBe(false);
  });
});

describe('grants as somebody may use them', () => {
  const subject = { type: 'user', name: 'ada' } as const;
  const asAda = () => world.management.grants({ principal: world.ada });

  it('are those inside what they manage, and nobody gives themselves anything outside', async () => {
    await world.user('bob');
    const all = await world.give('user', 'bob', '*', 'pull');
    const inside = await world.give('user', 'bob', 'team/app', 'pull');
    await world.grant('team/*', 'manage');
    for (const pattern of ['*', 'team', 'other/*', 'teams/app']) {
      const wanted = { subject, pattern: parsePattern(pattern), actions: ['pull'] as const };
      expect(await outcomeOf(asAda().put(wanted))).toBe('DENIED');
    }
    expect(await outcomeOf(asAda().change(all.id, ['manage']))).toBe('NOT_FOUND');
    expect(await outcomeOf(asAda().remove(all.id))).toBe('NOT_FOUND');
    expect(await outcomeOf(asAda().get(all.id))).toBe('NOT_FOUND');
    expect(await outcomeOf(asAda().get(999))).toBe('NOT_FOUND');
    expect((await asAda().change(inside.id, ['push'])).actions).toEqual(['push']);
    await asAda().put({ subject, pattern: parsePattern('team/sub/*'), actions: ['push'] });
    await asAda().remove(inside.id);
    expect(await outcomeOf(asAda().list({ limit: 10 }))).toBe('DENIED');
    expect((await asAda().list({ limit: 10, repository: app })).items).toHaveLength(2);
    expect(await world.grants.find(all.id)).toEqual(all);
  });

  it('end with the right to manage', async () => {
    const { id } = await world.grant('team/*', 'manage');
    await asAda().remove(id);
    const again = { subject, pattern: parsePattern('team/*'), actions: ['manage'] as const };
    expect(await outcomeOf(asAda().put(again))).toBe('DENIED');
  });
});

describe('renaming', () => {
  const renamed = parseRepositoryName('other/app');
  const rename = (principal: Principal) => world.management.repositories({ principal }).rename(app, renamed, {});

  it('takes grants of the name along, leaves those of prefixes, and is there with the next question', async () => {
    await world.repository('team/app');
    await world.group('makers', 'ada');
    const robot = await world.robot('team', 'ci');
    await world.user('bob');
    await world.grant('team/app', 'push');
    await world.give('group', 'makers', 'team/app', 'delete');
    await world.give('robot', 'team+ci', 'team/*', 'push');
    expect([await may(world.ada), await may(robot), await may(world.ada, renamed)]).toEqual([
      ['pull', 'push', 'delete'],
      ['pull', 'push'],
      [],
    ]);
    await rename(world.admin);
    expect([await may(world.ada), await may(world.ada, renamed), await may(robot, renamed)]).toEqual([
      [],
      ['pull', 'push', 'delete'],
      [],
    ]);
    expect(await world.permissions.explain(world.ada, app)).toEqual(
      JSON.parse(
        JSON.stringify(await world.permissions.explain(world.ada, parseRepositoryName('team/none'))).replaceAll(
          'team/none',
          'team/app',
        ),
      ),
    );
  });

  it('adds to what somebody was granted on the new name before', async () => {
    await world.repository('team/app');
    await world.grant('team/app', 'push');
    const before = await world.grant('other/app', 'delete');
    await rename(world.admin);
    expect((await world.grants.list({ limit: 10 })).items).toEqual([{ ...before, actions: ['push', 'delete'] }]);
  });

  it('says which grants became part of others', async () => {
    await world.repository('team/app');
    const gone = await world.grant('team/app', 'push');
    const kept = await world.grant('other/app', 'delete');
    await world.group('makers', 'ada');
    await world.give('group', 'makers', 'team/app', 'pull'); // goes with the name alone
    const changes = new ChangesStore(world.database);
    const { newest } = await changes.ends();
    await rename(world.admin);
    expect((await changes.behind(newest, 10)).map(({ kind, id, payload }) => ({ kind, id, ...payload }))).toEqual([
      expect.objectContaining({ kind: 'repository.rename' }),
      expect.objectContaining({ kind: 'grant.delete', id: gone.id, pattern: 'team/app', actions: ['push'] }),
      expect.objectContaining({
        kind: 'grant.update',
        id: kept.id,
        pattern: 'other/app',
        actions: ['push', 'delete'],
      }),
    ]);
  });

  it('is for those who manage both names', async () => {
    await world.repository('team/app');
    await world.grant('team/*', 'manage');
    expect(await outcomeOf(rename(world.ada))).toBe('DENIED');
    await world.grant('other/*', 'push');
    expect(await outcomeOf(rename(world.ada))).toBe('DENIED');
    await world.grant('other/*', 'manage');
    await world.repository('other/app');
    expect(await outcomeOf(rename(world.ada))).toBe('REPOSITORY_EXISTS');
    await world.repositories.remove(renamed);
    expect(await rename(world.ada)).toMatchObject({ name: 'other/app' });
    expect(await outcomeOf(rename(world.ada))).toBe('NAME_UNKNOWN');
  });
});

describe('a preview', () => {
  it('counts what a pattern covers and names the first', async () => {
    for (const name of ['team', 'team-b/x', 'team/b', 'team/a/c', 'teams/x']) await world.repository(name);
    const preview = (pattern: string, limit = 9) => world.permissions.preview(parsePattern(pattern), limit);
    expect(await preview('team/*')).toEqual({ count: 2, names: ['team/a/c', 'team/b'] });
    expect(await preview('*', 2)).toEqual({ count: 5, names: ['team', 'team-b/x'] });
    expect(await preview('team')).toEqual({ count: 1, names: ['team'] });
    expect(await preview('none')).toEqual({ count: 0, names: [] });
  });
});

describe('rights', () => {
  it('refuse a cursor that no page gave', async () => {
    for (const cursor of ['', 'user', 'user:x', 'admin:1', 'user:-1'])
      expect(await outcomeOf(world.permissions.rightsOn(app, { limit: 1, cursor }, { principal: world.admin }))).toBe(
        'VALIDATION_FAILED',
      );
  });

  it('say so when an account is disabled, and know no stranger', async () => {
    await world.grant('team/*', 'push');
    await world.users.update('ada', { enabled: false });
    const { items } = await world.permissions.rightsOn(app, { limit: 10 }, { principal: world.admin });
    expect(items).toMatchObject([{ subject: { type: 'user', name: 'ada' }, enabled: false }]);
    expect((await world.permissions.rightsOf({ type: 'group', name: 'none' }, { limit: 10 })).items).toEqual([]);
    const nobody = { type: 'robot', name: 'none' } as const;
    expect(await outcomeOf(world.management.grants({ principal: world.admin }).explain(nobody, app))).toBe('NOT_FOUND');
  });
});
