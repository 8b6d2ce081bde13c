import { Agent } from 'node:http';
import { PassThrough } from 'node:stream';
import { type Berth, startBerth } from '../support/berth.js';
import { berth as command } from '../support/berth-command.js';
import { randomBytesOf, sha256 } from '../support/images.js';
import { addUser } from '../support/people.js';
import { until } from '../support/ports.js';
import { addRobot } from '../support/programs.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';
import { spoolNames } from '../support/stored-files.js';

const repository = 'team/app';
const rights = { 'team/*': ['push'] } as const;
/** As many connections as a crowd of clients has. */
const crowd = () => new Agent({ keepAlive: true, maxSockets: 200 });

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_UPLOAD_BYTES_PER_USER: '1MB' } });
});
afterAll(() => berth.stop());

const clientOf = (who: Credentials, agent?: Agent) => RegistryClient.open(berth.url, who, agent);
const idOf = (location: string) => location.split('/').at(-1) ?? '';
const list = async (auth?: string) => (await berth.api('GET', '/api/v1/uploads?limit=100', undefined, auth)).body.items;

test('as many requests as ask at once open no more uploads than a user may have', async () => {
  const agent = crowd();
  const client = await clientOf(await addUser(berth, 'greedy', rights), agent);
  const answers = await Promise.all(Array.from({ length: 400 }, () => client.startUpload(repository)));
  const count = (status: number) => answers.filter((answer) => answer.status === status).length;
  expect([count(202), count(429)]).toEqual([100, 300]);
  expect(answers.find(({ status }) => status === 429)?.headers['retry-after']).toBe('60');
  agent.destroy();
});

test('an account that is disabled while it asks for uploads has none afterwards', async () => {
  const agent = crowd();
  for (let round = 0; round < 10; round++) {
    const name = `leaving-${round}`;
    const client = await clientOf(await addUser(berth, name, rights), agent);
    await client.startUpload(repository); // its token is there
    const asked = Array.from({ length: 50 }, () => client.startUpload(repository).catch(() => undefined));
    const disabled = await berth.api('PATCH', `/api/v1/users/${name}`, { enabled: false });
    expect(disabled.status).toBe(200);
    await Promise.all(asked);
    const left = (await list()).filter(({ account }: { account: { name: string } }) => account.name === name);
    expect(left).toEqual([]);
  }
  agent.destroy();
}, 60_000);

test('two hundred jobs push five layers each at once with one robot', async () => {
  const agent = crowd();
  const client = await clientOf(await addRobot(berth, 'ci', rights), agent);
  const sessions = await Promise.all(Array.from({ length: 1000 }, () => client.startUpload(repository)));
  expect(new Set(sessions.map(({ status }) => status))).toEqual(new Set([202]));
  expect((await client.startUpload(repository)).status).toBe(429);
  const pushed = await Promise.all(
    sessions.map(({ location }, number) => {
      const layer = Buffer.from(`layer ${number}`);
      return client.finishUpload(repository, location, sha256(layer), layer);
    }),
  );
  expect(new Set(pushed.map(({ status }) => status))).toEqual(new Set([201]));
  agent.destroy();
}, 60_000);

test('unfinished uploads take no more than they may, and what was refused is free again', async () => {
  const client = await clientOf(await addUser(berth, 'large', rights));
  const [first, second] = [await client.startUpload(repository), await client.startUpload(repository)];
  const much = randomBytesOf('much', 700_000);
  expect((await client.append(repository, first.location, much)).status).toBe(202);
  const refused = await client.append(repository, second.location, much);
  expect([refused.status, JSON.parse(refused.body.toString()).errors[0].code]).toEqual([429, 'TOOMANYREQUESTS']);
  expect((await client.finishUpload(repository, first.location, sha256(much))).status).toBe(201);
  expect((await client.append(repository, second.location, much)).status).toBe(202);
});

describe('unfinished uploads', () => {
  let ann: Credentials;
  let client: RegistryClient;
  beforeAll(async () => {
    ann = await addUser(berth, 'ann', rights);
    client = await clientOf(ann);
  });

  /** An upload of 300 KB with a writer at work, and the answer it gets in the end. */
  async function writing(by = client) {
    const { location } = await by.startUpload(repository);
    const body = new PassThrough();
    const answer = by.append(repository, location, body);
    body.write(randomBytesOf(location, 300_000));
    const id = idOf(location);
    await until('the bytes are on the disk', async () => {
      return (await berth.api('GET', `/api/v1/uploads/${id}`)).body.bytes === 300_000;
    });
    return { id, answer };
  }

  it('are listed to whoever pushes them, and to administrators, and to nobody else', async () => {
    const { location } = await client.startUpload(repository);
    const token = await berth.signIn(ann.username, ann.password);
    const own = await list(token);
    expect(own).toEqual([
      {
        id: idOf(location),
        account: { type: 'user', name: 'ann' },
        repository,
        bytes: 0,
        createdAt: expect.any(String),
        idleSeconds: expect.any(Number),
      },
    ]);
    await addUser(berth, 'eve').then(async (eve) => {
      const other = await berth.signIn(eve.username, eve.password);
      expect(await list(other)).toEqual([]);
      for (const method of ['GET', 'DELETE'])
        expect((await berth.api(method, `/api/v1/uploads/${idOf(location)}`, undefined, other)).status).toBe(404);
    });
    expect((await berth.api('DELETE', `/api/v1/uploads/${idOf(location)}`, undefined, token)).status).toBe(204);
    expect(await list(token)).toEqual([]);
    expect((await client.uploadStatus(repository, location)).status).toBe(404);
  });

  it('are listed page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await berth.api('GET', `/api/v1/uploads?limit=30${cursor}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen.length).toBeGreaterThan(60);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('are ended by the command, which cuts their writer off and is written down', async () => {
    const { id, answer } = await writing();
    const here = (...args: string[]) => command(['upload', ...args, '--data-dir', berth.dataDir]);
    expect((await here('list')).stdout).toContain(id);
    expect((await here('end', id, '--dry-run')).code).toBe(0);
    expect(await here('end', id)).toEqual({ code: 0, stdout: `${id} has ended\n`, stderr: '' });
    expect((await answer).status).toBe(404);
    expect((await here('end', id)).code).toBe(5);
    expect(await spoolNames(berth.dataDir)).not.toContain(id);
    const { items } = (await berth.api('GET', '/api/v1/audit?action=upload.end&limit=1')).body;
    expect(items[0]).toMatchObject({ resource: { name: repository }, actor: { kind: 'local' } });
  });

  it.each([
    ['is disabled', 'PATCH', { enabled: false }],
    ['is deleted', 'DELETE', undefined],
  ])('end with a user who %s, and with a robot', async (how, method, body) => {
    const name = how.replaceAll(' ', '-');
    const user = await writing(await clientOf(await addUser(berth, name, rights)));
    const robot = await writing(await clientOf(await addRobot(berth, name, rights)));
    expect((await berth.api(method, `/api/v1/users/${name}`, body)).status).toBeLessThan(300);
    expect((await berth.api(method, `/api/v1/robots/team%2B${name}`, body)).status).toBeLessThan(300);
    for (const { id, answer } of [user, robot]) {
      expect((await answer).status).toBe(401);
      await until('its bytes are gone', async () => !(await spoolNames(berth.dataDir)).includes(id));
      expect((await berth.api('GET', `/api/v1/uploads/${id}`)).status).toBe(404);
    }
  });
});
