import { writeFile } from 'node:fs/promises';
import { allOf } from '../../support/all-of.js';
import { type Berth, startBerth } from '../../support/berth.js';
import { type Ran, run } from '../../support/child.js';
import { buildImage } from '../../support/images.js';
import { addUser, grant } from '../../support/people.js';
import { type RecordingProxy, startRecordingProxy } from '../../support/recording-proxy.js';
import { type Credentials, RegistryClient } from '../../support/registry-client.js';
import { succeed, Workspace } from '../client.js';
import { goProgram, requireGoProgram } from './programs.js';

const block = await requireGoProgram('regsync');

block('regsync', () => {
  const numbers = Array.from({ length: 60 }, (_, index) => String(index + 1).padStart(2, '0'));
  const few = numbers.slice(0, 2); // it waits longer and longer after each refusal
  let berth: Berth;
  let proxy: RecordingProxy;
  let workspace: Workspace;
  let mirror: Credentials;
  let raw: RegistryClient;
  const images = numbers.map((number) => buildImage({ seed: `sync-${number}`, layers: [1_000, 3_000] }));

  beforeAll(async () => {
    berth = await startBerth();
    proxy = await startRecordingProxy(berth.url);
    workspace = await Workspace.make('regsync');
    mirror = await addUser(berth, 'mirror', { 'team/*': ['pull'], 'mirror/*': ['push'] });
    raw = await RegistryClient.open(berth.url, berth.admin);
    for (const [index, image] of images.entries()) await raw.push(`team/app-${numbers[index]}`, 'v1', image);
  }, 120_000);

  afterAll(() => allOf(proxy?.stop(), berth?.stop(), workspace?.remove()), 60_000);

  /** Once through a file of these entries, from `team/` to another prefix. JSON is YAML too. */
  async function sync({ username, password }: Credentials, to: string, entries = numbers): Promise<Ran> {
    const file = workspace.path('regsync.yaml');
    const sync = entries.map((number) => ({
      source: `${proxy.host}/team/app-${number}`,
      target: `${proxy.host}/${to}/app-${number}`,
      type: 'repository',
    }));
    const creds = [{ registry: proxy.host, user: username, pass: password, tls: 'disabled' }];
    await writeFile(file, JSON.stringify({ version: 1, creds, defaults: { parallel: 4 }, sync }));
    return run(goProgram('regsync'), ['once', '--config', file], { env: workspace.env });
  }

  const below = async (prefix: string) => (await berth.api('GET', `/api/v1/repositories?q=${prefix}%2F`)).body.items;

  it('copies all 60 entries of one file, and sends nothing the second time', async () => {
    succeed(await sync(mirror, 'mirror'));
    for (const [index, image] of images.entries()) {
      expect(await raw.pull(`mirror/app-${numbers[index]}`, 'v1')).toBe(image.manifest.digest);
    }
    const first = proxy.take();
    expect(first.filter(({ status }) => status >= 500)).toEqual([]);
    expect(first.filter(({ path, status }) => path.startsWith('/token') && status !== 200)).toEqual([]);
    succeed(await sync(mirror, 'mirror'));
    expect(proxy.take().filter(({ method }) => ['POST', 'PATCH', 'PUT'].includes(method))).toEqual([]);
  }, 180_000);

  it('is refused where it may not push, and makes nothing there', async () => {
    const { code, stdout, stderr } = await sync(mirror, 'secret', few);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/unauthorized|denied|forbidden/i);
    expect(await below('secret')).toEqual([]);
  }, 180_000);

  it('is refused with a wrong password, and copies nothing', async () => {
    await grant(berth, mirror.username, 'wrong/*', ['push']);
    const { code, stdout, stderr } = await sync({ ...mirror, password: `${mirror.password}!` }, 'wrong', few);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/unauthorized/i);
    expect(await below('wrong')).toEqual([]);
  }, 180_000);
});
