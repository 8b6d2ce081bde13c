import type { Berth } from '../support/berth.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import type { Credentials } from '../support/registry-client.js';
import { type Client, succeed } from './client.js';

const image = buildImage({ seed: 'sign-in', layers: [20_000] });
const kinds = ['a password', 'a personal access token', 'a robot'] as const;

export type EveryCredential = Readonly<Record<(typeof kinds)[number], Credentials>>;

/** Whatever a program may sign in with, each with the right to push below `team/`. */
export async function addEveryCredential(berth: Berth): Promise<EveryCredential> {
  const person = await addUser(berth, 'person', { 'team/*': ['push'] });
  return {
    'a password': person,
    'a personal access token': await addAccessToken(berth, person),
    'a robot': await addRobot(berth, 'ci', { 'team/*': ['push'] }),
  };
}

/** What every client must be able to do with each of them. Call it inside the client's own `describe`. */
export function signsInByEveryCredential(start: () => Promise<Client>, who: () => EveryCredential): void {
  let client: Client;
  beforeAll(async () => {
    client = await start();
  }, 60_000);
  afterAll(() => client?.close());

  test.each(kinds)(
    'signs in with %s, pushes, pulls, and signs out',
    async (kind) => {
      const { username, password } = who()[kind];
      const name = `team/${username.replace('+', '-')}:v1`;
      succeed(await client.login(username, password));
      succeed(await client.push(image, name));
      succeed(await client.pull(name));
      succeed(await client.logout());
      expect((await client.pull(name)).code).not.toBe(0);
      const attempt = await client.login(username, `${password.slice(0, -1)}!`);
      const refused = client.signsIn ? attempt : await client.pull(name);
      expect(refused.code).not.toBe(0);
      expect(`${refused.stdout}${refused.stderr}`).toMatch(/(wrong|invalid) username|unauthorized|denied/i);
    },
    120_000,
  );
}
