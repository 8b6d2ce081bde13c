import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { allOf } from '../../support/all-of.js';
import { type Berth, startBerth } from '../../support/berth.js';
import { type Ran, run } from '../../support/child.js';
import { addUser } from '../../support/people.js';
import { type Credentials, RegistryClient } from '../../support/registry-client.js';
import { tar } from '../../support/tar.js';
import { succeed, Workspace } from '../client.js';
import { addEveryCredential, type EveryCredential } from '../credentials.js';
import { goProgram, requireGoProgram } from './programs.js';

const block = await requireGoProgram('helm');

block('helm', () => {
  let berth: Berth;
  let workspace: Workspace;
  let who: EveryCredential;
  let reader: Credentials;

  beforeAll(async () => {
    berth = await startBerth();
    workspace = await Workspace.make('helm');
    who = await addEveryCredential(berth);
    reader = await addUser(berth, 'reader', { 'team/*': ['pull'] });
  }, 60_000);

  afterAll(() => allOf(berth?.stop(), workspace?.remove()), 60_000);

  const helm = (parameters: string[], input = ''): Promise<Ran> =>
    run(goProgram('helm'), parameters, { env: workspace.env, cwd: workspace.directory, input });

  const login = ({ username, password }: Credentials) =>
    helm(['registry', 'login', '--plain-http', '--username', username, '--password-stdin', berth.host], password);

  const push = (chart: string) => helm(['push', '--plain-http', chart, `oci://${berth.host}/team/charts`]);

  /** Pulls into a folder of its own and returns where the chart is then. */
  async function pull(name: string, version: string, folder: string): Promise<Ran> {
    await mkdir(workspace.path(folder), { recursive: true });
    const options = ['--plain-http', '--version', version, '--destination', workspace.path(folder)];
    return helm(['pull', ...options, `oci://${berth.host}/team/charts/${name}`]);
  }

  /** Writes a packed chart and returns its file's name. */
  async function pack(name: string, version: string): Promise<string> {
    const text = {
      'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
      'values.yaml': 'replicas: 2\n',
    };
    const entries = Object.entries(text).map(([file, body]) => ({ name: `${name}/${file}`, bytes: Buffer.from(body) }));
    const file = `${name}-${version}.tgz`;
    await writeFile(workspace.path(file), gzipSync(tar(entries)));
    return file;
  }

  const tagsOf = async (repository: string) => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    const answer = await client.request(repository, 'tags/list', { actions: 'pull' });
    return answer.status === 200 ? JSON.parse(answer.body.toString()).tags : answer.status;
  };

  test.each(['a password', 'a personal access token', 'a robot'] as const)(
    'signs in with %s, pushes a chart, and pulls it byte for byte, until it signs out',
    async (kind) => {
      const name = `by-${kind.replaceAll(' ', '-')}`;
      const chart = await pack(name, '1.2.3');
      succeed(await login(who[kind]));
      succeed(await push(chart));
      succeed(await pull(name, '1.2.3', name));
      expect(await readFile(workspace.path(name, chart))).toEqual(await readFile(workspace.path(chart)));
      succeed(await helm(['registry', 'logout', berth.host]));
      expect((await pull(name, '1.2.3', `${name}-nobody`)).code).not.toBe(0);
    },
    120_000,
  );

  it('finds the newest version that a range allows, and keeps a version’s build number', async () => {
    succeed(await login(who['a password']));
    for (const version of ['0.1.0', '0.2.0', '0.2.1+build.5', '1.0.0'])
      succeed(await push(await pack('range', version)));
    expect((await tagsOf('team/charts/range')).sort()).toEqual(['0.1.0', '0.2.0', '0.2.1_build.5', '1.0.0']);
    succeed(await pull('range', '^0.1', 'range'));
    expect(await readFile(workspace.path('range', 'range-0.1.0.tgz'))).toEqual(
      await readFile(workspace.path('range-0.1.0.tgz')),
    );
    const shown = await helm([
      'show',
      'chart',
      '--plain-http',
      '--version',
      '~0.2',
      `oci://${berth.host}/team/charts/range`,
    ]);
    succeed(shown);
    expect(shown.stdout).toContain('version: 0.2.1+build.5');
  }, 120_000);

  it('is told of a wrong password', async () => {
    const { code, stderr } = await login({ ...reader, password: `${reader.password}!` });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/wrong username or password|unauthorized/i);
  }, 60_000);

  it('may pull but not push with a grant to pull', async () => {
    succeed(await login(who['a password']));
    succeed(await push(await pack('shared', '1.0.0')));
    succeed(await login(reader));
    succeed(await pull('shared', '1.0.0', 'shared'));
    for (const [name, version] of [
      ['shared', '2.0.0'],
      ['new', '1.0.0'],
    ] as const) {
      const refused = await push(await pack(name, version));
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/denied|unauthorized|forbidden/i);
    }
    expect(await tagsOf('team/charts/shared')).toEqual(['1.0.0']);
    expect(await tagsOf('team/charts/new')).toBe(404);
  }, 120_000);
});
