import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { blobsOf, buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { addRobot } from '../support/programs.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

/** What many honest clients do at once. None of the limits that keep attackers out may be felt by any of them. */
describe('heavy use', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(() => berth.stop());

  it('200 runners push five layers each with one robot, all at once', async () => {
    const robot = await addRobot(berth, 'runners', { 'team/*': ['push'] });
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, runner) => {
        const client = await RegistryClient.open(berth.url, robot);
        const layers = blobsOf(buildImage({ seed: `runner ${runner}`, layers: [2_000, 3_000, 4_000, 5_000] }));
        const repository = `team/app${runner}`;
        const sessions = await Promise.all(layers.map(() => client.startUpload(repository)));
        const ends = await Promise.all(
          sessions.map(({ location }, layer) => {
            const { digest, bytes } = layers[layer] ?? { digest: '', bytes: Buffer.alloc(0) };
            return client.finishUpload(repository, location, digest, bytes);
          }),
        );
        return [...sessions, ...ends].map(({ status }) => status);
      }),
    );
    expect(statuses.flat().filter((status) => status !== 202 && status !== 201)).toEqual([]);
  }, 60_000);

  it('containerd brings an image of twenty layers at once', async () => {
    const { username, password } = await addUser(berth, 'ada', { 'ada/*': ['push'] });
    const client = await RegistryClient.open(berth.url, { username, password });
    const image = buildImage({ seed: 'twenty', layers: Array.from({ length: 20 }, (_, index) => 50_000 + index) });
    await client.push('ada/twenty', 'v1', image);
    expect((await client.getManifest('ada/twenty', 'v1')).status).toBe(200);
  });

  it.each([
    ['one address', () => '203.0.113.7'],
    ['one /64', (person: number) => `2001:db8::${(person + 1).toString(16)}`],
  ])(
    '100 people behind %s sign in for the first time at once',
    async (_name, address) => {
      const people = await addPeople(berth, 100, `from-${address(0).replaceAll(':', '-')}`);
      const statuses = await Promise.all(
        people.map(async ({ username, password }, person) => {
          const headers = { authorization: basic(username, password), 'x-forwarded-for': address(person) };
          return (await send(berth.url, '/token?service=berth', { headers })).status;
        }),
      );
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
    },
    90_000,
  );
});

/** The others are rows like the first one's, password and all: hashing one for each would take longer than what is tested. */
async function addPeople(berth: Berth, count: number, prefix: string): Promise<Credentials[]> {
  const first = await addUser(berth, `${prefix}-0`);
  const others = Array.from({ length: count - 1 }, (_, person) => ({ ...first, username: `${prefix}-${person + 1}` }));
  const database = new Sqlite(join(berth.dataDir, 'berth.db'));
  const columns = `full_name, email, role, enabled, password_hash, must_change_password, credential_version, created_at`;
  const add = database.prepare(
    `INSERT INTO users (username, ${columns}) SELECT ?, ${columns} FROM users WHERE username = ?`,
  );
  database.transaction(() => {
    for (const { username } of others) add.run(username, first.username);
  })();
  database.close();
  return [first, ...others];
}
