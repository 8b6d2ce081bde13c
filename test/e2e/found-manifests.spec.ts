import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaTypes } from '../../src/oci/media-type.js';
import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { type Content, content, descriptor, types } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const patienceMs = 120_000;
const manifestTypes = [types.manifest, types.index, MediaTypes.dockerManifest, MediaTypes.dockerManifestList];

/** Every way to state, to leave out, or to leave empty what a manifest is and what it holds. */
function* shapesOf(config: object): Generator<object> {
  const lists = [undefined, null, []];
  for (const mediaType of [undefined, null, '', ...manifestTypes])
    for (const own of [undefined, null, config])
      for (const layers of lists) for (const manifests of lists) yield { mediaType, config: own, layers, manifests };
}

let dataDir: string;
let server: Berth;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-'));
  server = await startBerth({ dataDir });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test(
  'a rebuild from the files gives back every document that a push takes, by byte and by type, however little it says of itself',
  async () => {
    let client = await RegistryClient.open(server.url, server.admin);
    const config = content(types.config, Buffer.from('{}'));
    await client.pushBlob('app', config);
    const ask = async (digest: string) => {
      const { status, headers, body } = await client.getManifest('app', digest);
      return { status, type: headers['content-type'], body: body.toString() };
    };
    const taken = new Map<string, Awaited<ReturnType<typeof ask>>>();
    for (const shape of shapesOf(descriptor(config))) {
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...shape }));
      const pushes = ['', 'application/json', ...manifestTypes].map((type) => content(type, bytes));
      const answers = await Promise.all(pushes.map((push) => client.putManifest('app', push.digest, push)));
      const statuses = answers.map(({ status }) => status);
      expect([shape, statuses.filter((status) => status !== 201 && status !== 400)]).toEqual([shape, []]);
      const [{ digest }] = pushes as [Content];
      if (statuses.includes(201)) taken.set(digest, await ask(digest));
    }
    const typesTaken = new Set([...taken.values()].map(({ type }) => type));
    expect([...typesTaken].sort()).toEqual([...manifestTypes].sort());

    const here = (...args: string[]) => berth([...args, '--data-dir', dataDir]);
    expect((await here('layout', 'sync')).code).toBe(0);
    await server.stop();
    for (const end of ['', '-wal', '-shm']) await rm(join(dataDir, `berth.db${end}`), { force: true });
    expect((await here('reindex')).code).toBe(0);
    await server.restart();
    client = await RegistryClient.open(server.url, server.admin);
    for (const [digest, before] of taken) expect(await ask(digest)).toEqual(before);
  },
  patienceMs,
);
