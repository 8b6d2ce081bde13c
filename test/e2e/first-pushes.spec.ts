import { type Berth, startBerth } from '../support/berth.js';
import { type BuiltImage, buildImage, KiB } from '../support/images.js';
import { addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

const pushers = 4;
const rounds = 10;

let berth: Berth;
let clients: RegistryClient[];
let images: BuiltImage[];
beforeAll(async () => {
  berth = await startBerth();
  clients = [];
  images = [];
  for (let number = 0; number < pushers; number++) {
    const user = await addUser(berth, `pusher${number}`, { 'team/*': ['push'] });
    clients.push(await RegistryClient.open(berth.url, user));
    images.push(buildImage({ seed: `first push ${number}`, layers: [2 * KiB] }));
  }
});
afterAll(() => berth.stop());

const all = <T>(work: (client: RegistryClient, number: number) => Promise<T>) => Promise.all(clients.map(work));
const imageOf = (number: number) => images[number] as BuiltImage; // one of each client

test('several who push to one new name at once all succeed, and it is made once', async () => {
  for (let round = 0; round < rounds; round++) {
    const name = `team/new-${round}`;
    await all((client, number) => client.push(name, `of-${number}`, imageOf(number)));
    await all(async (client, number) => {
      for (const [of, image] of images.entries())
        expect([number, await client.pull(name, `of-${of}`)]).toEqual([number, image.manifest.digest]);
    });
    const query = new URLSearchParams({ action: 'repository.create', resource: `repository:${name}` });
    const { items } = (await berth.api('GET', `/api/v1/audit?${query}`)).body;
    expect(items).toEqual([expect.objectContaining({ count: 1 })]);
  }
});

test('one tag of a new name that several push at once is the image of one of them, whole', async () => {
  for (let round = 0; round < rounds; round++) {
    const name = `team/one-tag-${round}`;
    await all((client, number) => client.push(name, 'latest', imageOf(number)));
    const found = await all((client) => client.pull(name, 'latest'));
    expect(new Set(found).size).toBe(1);
    expect(images.map(({ manifest }) => manifest.digest)).toContain(found[0]);
    for (const { manifest } of images) expect((await clients[0]?.getManifest(name, manifest.digest))?.status).toBe(200);
  }
});
