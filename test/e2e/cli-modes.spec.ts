import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { send } from '../support/http.js';

describe('beside a running server', () => {
  let server: Berth;
  const here = (...args: string[]) => berth([...args, '--data-dir', server.dataDir]);

  beforeAll(async () => {
    server = await startBerth();
  });
  afterAll(() => server.stop());

  test.each([
    ['whoami', /^createdAt +20\d\d-/m],
    ['user list', /^admin /m],
    ['stats', /\d/],
    ['audit', /^AT /m],
    ['user update admin --full-name Ann --dry-run', /fullName=Ann/],
  ])('the table of %s holds no JSON, and no time before there was a Berth', async (line, told) => {
    const { code, stdout } = await here(...line.split(' '));
    expect([code, stdout]).toEqual([0, expect.stringMatching(told)]);
    expect(stdout).not.toMatch(/[{}]|1970/);
  });

  test('the socket is for the owner alone', async () => {
    const { mode } = await stat(join(server.dataDir, 'berth.sock'));
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  test('the command is an administrator, who is nobody by name', async () => {
    const { code, stdout } = await here('whoami', '--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ username: 'local', role: 'admin' });
  });

  test('what it changes counts for the server at once', async () => {
    const made = await here('user', 'create', 'ann', '--quiet');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const password = made.stdout.trim();
    await expect(server.signIn('ann', password)).resolves.toEqual(expect.any(String));
    expect((await here('user', 'disable', 'ann')).code).toBe(0);
    await expect(server.signIn('ann', password)).rejects.toThrow('401');
    expect(await here('user', 'create', 'local')).toMatchObject({ code: 2 });
  });

  test('grants are given, explained and taken back', async () => {
    await here('user', 'create', 'gus');
    expect((await here('repo', 'create', 'team/app', '--description', '应用')).code).toBe(0);
    expect((await here('grant', 'user:gus', 'team/*', 'pull,push')).code).toBe(0);
    const explained = await here('explain', 'gus', 'team/app', '--output', 'json');
    const rows: { action: string; allowed: boolean }[] = JSON.parse(explained.stdout);
    expect(rows.filter((row) => row.allowed).map((row) => row.action)).toEqual(['pull', 'push']);
    const table = (await here('explain', 'gus', 'team/app')).stdout;
    expect(table).toMatch(/^push +yes +grant \d+: push on team\/\*$/m);
    expect(table).toMatch(/^delete +no +missing: a grant of delete on team\/app or team\/\* or \*$/m);
    expect((await here('revoke', 'gus', 'team/*', '--yes')).code).toBe(0);
    expect((await here('revoke', 'gus', 'team/*', '--yes')).code).toBe(5);
    expect((await here('grants', '--subject', 'gus', '--quiet')).stdout).toBe('');
  });

  test('refusals carry the words of the API, its code, and an exit for scripts', async () => {
    expect(await here('user', 'show', 'nobody')).toEqual({
      code: 5,
      stdout: '',
      stderr: 'berth: Not found (NOT_FOUND)\n',
    });
    expect(await here('user', 'create', 'admin')).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('USERNAME_TAKEN'),
    });
    expect(await here('repo', 'create', 'UPPER')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('NAME_INVALID'),
    });
    expect(await here('user', 'disable', 'admin')).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('LAST_ADMIN'),
    });
    expect(await here('repo', 'delete', 'team/app')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    expect(await here('repo', 'nonsense')).toMatchObject({ code: 2 });
    expect(await here('user', 'list', '--output', 'xml')).toMatchObject({ code: 2 });
  });

  test('some of several items failing is an exit of its own', async () => {
    for (const name of ['one', 'two']) await here('repo', 'create', name);
    const { code, stdout, stderr } = await here('repo', 'delete', 'one', 'none', 'two', '--yes');
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'one is deleted\ntwo is deleted\n' });
    expect(stderr).toBe('berth: none: Not found (NOT_FOUND)\nberth: 1 of 3 failed\n');
  });

  test('groups, robots and the audit of it all', async () => {
    await here('user', 'create', 'mia');
    expect((await here('group', 'create', 'dev')).code).toBe(0);
    expect((await here('group', 'add', 'dev', 'mia')).code).toBe(0);
    expect((await here('group', 'members', 'dev', '--quiet')).stdout).toBe('mia\n');
    expect((await here('robot', 'create', 'team+ci', '--quiet')).stdout).toMatch(/^berth_rob_\w{36}\n$/);
    expect((await here('robot', 'create', 'ci')).code).toBe(2);
    expect((await here('grant', 'robot:team+ci', 'team/*', 'push')).code).toBe(0);
    const { stdout } = await here('audit', '--action', 'robot.create', '--actor', 'local');
    expect(stdout).toMatch(/robot\.create +ok +local +robot:team\+ci/);
  });

  test('nothing that comes in by TCP is local, whatever it says', async () => {
    for (const headers of [{}, { host: 'localhost' }, { 'x-forwarded-for': '' }]) {
      expect((await send(server.url, '/api/v1/users', { headers })).status).toBe(401);
    }
  });

  test('a server elsewhere is asked by URL with a token or a sign-in', async () => {
    const token = await server.signIn(server.admin.username, server.admin.password);
    const url = ['--url', server.url];
    expect((await berth(['user', 'list', '--quiet', ...url], { env: { BERTH_TOKEN: token } })).stdout).toContain(
      'admin\n',
    );
    const env = { BERTH_PASSWORD: server.admin.password, BERTH_URL: server.url };
    expect((await berth(['whoami', '--quiet', '--username', 'admin'], { env })).stdout).toBe('admin\n');
    expect(await berth(['user', 'list', ...url])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('UNAUTHORIZED'),
    });
    expect(await berth(['user', 'list', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 75 });
    expect(await berth(['user', 'list', '--url', 'registry'])).toMatchObject({ code: 2 });
    const withUser = server.url.replace('//', '//admin:Hunter2@');
    const refused = await berth(['config', 'print', '--url', withUser, '--token', token]);
    expect([refused.code, refused.stderr.includes('--username')]).toEqual([2, true]);
    expect(`${refused.stdout}${refused.stderr}`).not.toContain('Hunter2');
  });

  test('the settings printed are those the server works with, beside what one started here would have', async () => {
    // The shell of whoever asks is not the server's.
    const env = { BERTH_TITLE: 'Harbour', BERTH_SECRET_KEY: 'canary-secret-of-32-bytes-or-more' };
    const local = await berth(['config', 'print', '--data-dir', server.dataDir, '--output', 'json'], { env });
    const since = String.raw`20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ`;
    expect(local.stderr).toMatch(
      new RegExp(`^berth: settings of the server that runs on ${server.dataDir} since ${since}\n$`),
    );
    const rows: { name: string }[] = JSON.parse(local.stdout);
    const found = (name: string) => rows.find((row) => row.name === name);
    expect(found('BERTH_PORT')).toEqual({ name: 'BERTH_PORT', value: '0', source: 'BERTH_PORT', startedHere: '5000' });
    expect(found('BERTH_TITLE')).toMatchObject({ value: 'Berth', source: 'the default', startedHere: 'Harbour' });
    expect(found('BERTH_ADMIN_PASSWORD')).toMatchObject({ value: '***', startedHere: null });
    expect(found('BERTH_SECRET_KEY')).toMatchObject({ value: null, startedHere: '***' });
    for (const name of ['BERTH_DATA_DIR', 'BERTH_AUDIT_DAYS']) expect(found(name)).not.toHaveProperty('startedHere');
    const table = await here('config', 'print');
    expect(table.stdout).toMatch(/^NAME +VALUE +SOURCE +STARTED HERE\n(.*\n)*BERTH_ADMIN_PASSWORD +.* \(not set\)$/m);

    const token = await server.signIn(server.admin.username, server.admin.password);
    const remote = await berth(['config', 'print', '--url', server.url], { env: { BERTH_TOKEN: token } });
    expect(remote.stderr).toMatch(
      new RegExp(`^berth: settings of the server that runs at ${server.url} since ${since}\n$`),
    );
    expect(remote.stdout).toMatch(/^NAME +VALUE +SOURCE\n(.*\n)*BERTH_PORT +0 +BERTH_PORT$/m);
    expect(await berth(['config', 'print', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 75, stdout: '' });
    for (const { stdout } of [local, table, remote]) {
      for (const secret of ['canary', server.admin.password]) expect(stdout).not.toContain(secret);
    }
  });

  test('a token sees what its owner may see', async () => {
    await server.api('POST', '/api/v1/users', { username: 'rita', password: 'a long enough passphrase', role: 'user' });
    const token = await server.signIn('rita', 'a long enough passphrase');
    const asked = await berth(['user', 'list', '--url', server.url, '--token', token]);
    expect(asked).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('DENIED') });
    const settings = await berth(['config', 'print', '--url', server.url, '--token', token]);
    expect(settings).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('DENIED') });
  });

  test('a server that was killed leaves a socket that stands in nobody’s way', async () => {
    await server.kill();
    expect((await here('user', 'list', '--quiet')).stdout).toContain('admin\n');
    await server.restart();
    expect((await here('whoami', '--quiet')).stdout).toBe('local\n');
  });
});

describe('without a server', () => {
  let server: Berth;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'berth-'));
    server = await startBerth({ dataDir });
    await server.stop();
  });
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('the password of a locked-out administrator is reset, and counts when the server runs', async () => {
    const env = { BERTH_DATA_DIR: dataDir };
    const { code, stdout, stderr } = await berth(['admin', 'reset-password', '--quiet'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await server.restart();
    await expect(server.signIn('admin', stdout.trim())).resolves.toEqual(expect.any(String));
    await expect(server.signIn('admin', server.admin.password)).rejects.toThrow('401');
    await server.stop();
  });

  test('a password is taken as it was typed, or not at all', async () => {
    const reset = ['admin', 'reset-password', '--password-stdin', '--data-dir', dataDir];
    const [typed, lost] = ['H\u00e4fen-am-Meer', 'H\ufffdfen-am-Meer']; // as it arrives when it is sent in Latin-1
    expect(await berth(reset, { input: `\ufeff${typed}\r\n` })).toMatchObject({ code: 0 });
    expect(await berth(reset, { input: lost })).toMatchObject({ code: 2, stderr: expect.stringContaining('UTF-8') });
    await server.restart();
    await expect(server.signIn('admin', typed)).resolves.toEqual(expect.any(String));
    await server.stop();
  });

  test.each(['create laptop --expires 90d', 'rotate 1'])('token %s says what it needs', async (line) => {
    const ran = await berth(['token', ...line.split(' '), '--data-dir', dataDir]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^berth: an access token belongs to an account: .*--url.*--username.*BERTH_PASSWORD\n$/);
  });

  test('a list is there, and done, when the command ends', async () => {
    for (const args of [['user', 'list'], ['repo', 'list'], ['stats'], ['audit']]) {
      const { code, stderr } = await berth([...args, '--data-dir', dataDir]);
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    }
    expect((await readdir(dataDir)).filter((name) => /^berth\.(sock|db-)/.test(name))).toEqual([]);
  });

  test('a password comes from standard input and is told nobody', async () => {
    const input = 'correct horse battery staple 9\n';
    const ran = await berth(['user', 'create', 'ola', '--password-stdin', '--data-dir', dataDir], { input });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).not.toContain('horse');
  });

  test('a directory without data is not made into one', async () => {
    const empty = join(dataDir, 'elsewhere');
    await mkdir(empty);
    expect(await berth(['user', 'list', '--data-dir', empty])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('holds no data of Berth'),
    });
  });

  test('a path too long for a socket serves and is served', async () => {
    const deep = join(dataDir, 'a'.repeat(100), 'b');
    await mkdir(deep, { recursive: true });
    const other = await startBerth({ dataDir: deep });
    expect((await berth(['whoami', '--quiet', '--data-dir', deep])).stdout).toBe('local\n');
    await other.stop();
    expect((await berth(['user', 'list', '--quiet', '--data-dir', deep])).stdout).toBe('admin\n');
  });

  test('a directory that another process holds without a socket is a conflict', async () => {
    await server.restart();
    await rm(join(dataDir, 'berth.sock'));
    const ran = await berth(['user', 'list', '--data-dir', dataDir]);
    expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('Another Berth is already running') });
    await server.stop();
  });

  test('settings are printed with where they come from, secrets masked', async () => {
    const file = join(dataDir, 'berth.yaml');
    await writeFile(file, 'console:\n  title: Harbour\n');
    const env = { BERTH_PORT: '5055', BERTH_ADMIN_PASSWORD: 'canary-secret' };
    const { code, stdout, stderr } = await berth(['config', 'print', '--config', file, '--output', 'json'], { env });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^berth: no server runs on \/.*\/data: /)]);
    expect(stdout).not.toContain('canary');
    const rows: { name: string; value: string | null; source: string }[] = JSON.parse(stdout);
    const found = (name: string) => rows.find((row) => row.name === name);
    expect(found('BERTH_PORT')).toMatchObject({ value: '5055', source: 'BERTH_PORT' });
    expect(found('BERTH_TITLE')).toMatchObject({ value: 'Harbour', source: `console.title in ${file}` });
    expect(found('BERTH_ADMIN_PASSWORD')).toMatchObject({ value: '***' });
    expect(found('BERTH_LOGIN_FAILURES')).toMatchObject({ value: '10', source: 'the default' });
    expect(await berth(['config', 'print'], { env: { BERTH_PROT: '1' } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean BERTH_PORT'),
    });
  });
});
