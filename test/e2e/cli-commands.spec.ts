import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { type BuiltImage, buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

let server: Berth;
const first: BuiltImage = buildImage({ seed: 'first', layers: [100] });
const second: BuiltImage = buildImage({ seed: 'second', layers: [100] });
const here = (...args: string[]) => berth([...args, '--data-dir', server.dataDir]);
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await here(...args, '--output', 'json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

beforeAll(async () => {
  server = await startBerth();
  const registry = await RegistryClient.open(server.url, server.admin);
  await registry.push('team/app', '1.9', first);
  await registry.push('team/app', '1.10', second);
});
afterAll(() => server.stop());

test('a tag is moved, and its history says from where', async () => {
  expect(await here('tag', 'retag', 'team/app', 'stable', '1.9', '--quiet')).toEqual({
    code: 0,
    stdout: `${first.manifest.digest}\n`,
    stderr: '',
  });
  expect((await here('tag', 'retag', 'team/app', 'stable', second.manifest.digest)).code).toBe(0);
  expect((await here('tag', 'delete', 'team/app', 'stable', '--yes')).code).toBe(0);
  const moves = await json('tag', 'history', 'team/app', 'stable');
  expect(moves.map(({ digest }: { digest: string }) => digest)).toEqual([
    null,
    second.manifest.digest,
    first.manifest.digest,
  ]);
  expect((await here('tag', 'history', 'team/app', 'stable', '--limit', '1')).stdout).toMatch(
    /\(deleted\) +local +no\n$/,
  );
  expect((await here('tag', 'retag', 'team/app', 'stable', 'none')).code).toBe(5);
  expect((await here('tag', 'retag', 'team/app', 'stable', '.bad')).code).toBe(2);
  expect((await here('tag', 'history', 'team/app', 'never')).code).toBe(5);
});

test('lists come in the orders of the API', async () => {
  expect((await here('tag', 'list', 'team/app', '--sort', 'version', '--quiet')).stdout).toBe('1.9\n1.10\n');
  expect((await here('tag', 'list', 'team/app', '--sort', '-name', '--quiet')).stdout).toBe('1.9\n1.10\n');
  expect((await here('repo', 'list', '--sort', '-pushedAt', '--quiet')).stdout).toBe('team/app\n');
  expect((await here('repo', 'list', '--sort', 'size')).code).toBe(2);
});

test('groups are shown and described, repositories renamed', async () => {
  await here('group', 'create', 'crew');
  expect((await json('group', 'update', 'crew', '--description', 'Shift 1')).description).toBe('Shift 1');
  expect((await json('group', 'show', 'crew')).description).toBe('Shift 1');
  expect((await here('group', 'show', 'none')).code).toBe(5);
  expect((await here('group', 'update', 'crew')).code).toBe(2);
  await here('repo', 'create', 'old/name');
  expect((await json('repo', 'rename', 'old/name', 'new/name')).name).toBe('new/name');
  expect((await here('repo', 'show', 'old/name')).code).toBe(5);
  expect((await here('repo', 'rename', 'new/name', 'team/app')).code).toBe(6);
});

test('statistics and the installation, for people and for programs', async () => {
  expect((await here('stats')).stdout).toMatch(/^repositories +\d+$[\s\S]*^last push +team\/app:\S+ at 20/m);
  expect(await json('stats')).toMatchObject({ tags: expect.any(Number), days: expect.any(Array) });
  expect((await here('system', 'info')).stdout).toMatch(/^version +\d[\s\S]*^database +[\d.]+ [kMG]B$/m);
  expect(await json('system', 'info')).toMatchObject({ settings: { deleteEnabled: true } });
});

test('the audit is streamed as NDJSON and as CSV', async () => {
  const ndjson = await here('audit', '--action', 'push', '--export', 'ndjson');
  const events = ndjson.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.length).toBeGreaterThanOrEqual(2);
  expect(new Set(events.map(({ action }) => action))).toEqual(new Set(['push']));
  const csv = await here('audit', '--action', 'push', '--export', 'csv');
  expect(csv.stdout).toMatch(/^id,at,.*\r\n/);
  expect(csv.stdout.split('\r\n')).toHaveLength(events.length + 2);
  expect(await here('audit', '--export', 'xml')).toMatchObject({ code: 2, stdout: '' });
  expect(await here('audit', '--actor', '', '--export', 'csv')).toMatchObject({ code: 2, stdout: '' });
});

test('sign-ins are listed and ended, access tokens rotated, where somebody signed in', async () => {
  const who = await addUser(server, 'ann');
  const token = await server.signIn(who.username, who.password);
  const there = (...args: string[]) => berth([...args, '--url', server.url, '--token', token]);
  const other = await server.signIn(who.username, who.password);
  const list = await there('session', 'list', '--output', 'json');
  const sessions: { id: string; current: boolean }[] = JSON.parse(list.stdout);
  expect(sessions.map(({ current }) => current).sort()).toEqual([false, true]);
  const ended = sessions.find(({ current }) => !current)?.id ?? '';
  expect(await there('session', 'revoke', ended, 'none')).toMatchObject({ code: 3, stdout: `${ended} has ended\n` });
  expect((await server.api('GET', '/api/v1/auth/me', undefined, other)).status).toBe(401);

  const made = JSON.parse((await there('token', 'create', 'laptop', '--output', 'json')).stdout);
  const rotated = await there('token', 'rotate', String(made.id), '--quiet');
  expect(rotated.stdout).toMatch(/^berth_pat_\w{36}\n$/);
  expect(rotated.stdout.trim()).not.toBe(made.secret);
  expect((await server.api('GET', '/api/v1/auth/me', undefined, made.secret)).status).toBe(401);
  expect((await there('token', 'rotate', '99999')).code).toBe(5);
});

describe('--dry-run', () => {
  test('lists what would be changed, and changes nothing', async () => {
    const ran = await here('repo', 'delete', 'team/app', '--dry-run');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^DELETE +\/repositories\/team%2Fapp$/m);
    expect(ran.stdout).not.toContain('is deleted');
    expect((await here('repo', 'show', 'team/app')).code).toBe(0);
    expect(await json('user', 'create', 'bob', '--role', 'admin', '--dry-run')).toEqual([
      { method: 'POST', path: '/users', body: { username: 'bob', role: 'admin' } },
    ]);
    expect((await here('user', 'show', 'bob')).code).toBe(5);
  });

  test('shows no password', async () => {
    const input = 'canary canary canary\n';
    const args = ['user', 'create', 'eve', '--password-stdin', '--dry-run', '--data-dir', server.dataDir];
    const ran = await berth(args, { input });
    expect(ran.stdout).toContain('***');
    expect(ran.stdout + ran.stderr).not.toContain('canary');
  });

  test('fails for what is not there, as the change would', async () => {
    expect(await here('repo', 'delete', 'team/none', '--dry-run')).toMatchObject({ code: 5, stdout: '' });
    const some = await here('tag', 'delete', 'team/app', '1.9', 'none', '--dry-run');
    expect(some).toMatchObject({ code: 3, stdout: expect.stringContaining('/tags/1.9') });
    expect((await here('tag', 'show', 'team/app', '1.9')).code).toBe(0);
  });

  test('makes no difference to what only reads', async () => {
    expect((await here('whoami', '--quiet', '--dry-run')).stdout).toBe('local\n');
  });
});
