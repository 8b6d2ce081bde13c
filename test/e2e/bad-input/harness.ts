import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../../support/berth.js';
import { basic } from '../../support/http.js';
import { buildImage, sha256 } from '../../support/images.js';
import { addUser } from '../../support/people.js';
import { type RawAnswer, RawConnection } from '../../support/raw-connection.js';
import { type Credentials, RegistryClient } from '../../support/registry-client.js';

export const repository = 'acme/app';
export const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
};
export const image = buildImage({ seed: 'bad input', layers: [2048] });
/** Of bytes that nobody pushed. */
export const unknownDigest = sha256(Buffer.from('nobody has this'));
export const unknownUpload = 'c0ffee00-0000-4000-8000-000000000000';

/** What the rows find: one Berth with one image, people with different rights, and two uploads under way. */
export interface Scene {
  readonly berth: Berth;
  readonly writer: RegistryClient;
  readonly credentials: { readonly writer: Credentials; readonly reader: Credentials; readonly other: Credentials };
  /** Authorization headers, by who sends them. */
  readonly as: Readonly<Record<'nobody' | 'writer' | 'reader' | 'readerByPassword' | 'other' | 'pusher', string>>;
  /** Locations of the writer's uploads: one without a byte, one with ten. */
  readonly upload: { readonly empty: string; readonly ten: string };
}

type Who = keyof Scene['as'];

export interface Row {
  /** Of the matrix. */
  readonly id: string;
  readonly what: string;
  readonly send: (scene: Scene) => string | Buffer;
  readonly status: number | readonly number[];
  readonly code?: string;
  /** What a header has to look like. */
  readonly headers?: Readonly<Record<string, RegExp>>;
  /** The server hangs up afterwards, as HTTP wants it to. */
  readonly closes?: true;
  /** It opens a session, which is cancelled before anything is counted. */
  readonly opens?: true;
}

/** A request as text. A body comes with its length. */
export function ask(
  method: string,
  target: string,
  who: Who = 'writer',
  { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string | Buffer } = {},
): (scene: Scene) => string | Buffer {
  return ({ berth, as }) => {
    const authorization = as[who] === '' ? [] : [`Authorization: ${as[who]}`];
    const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const others = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const lines = [`${method} ${target} HTTP/1.1`, `Host: ${berth.host}`, ...authorization, ...length, ...others];
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body ?? '')]);
  };
}

/** The same, below the repository of the scene. */
export function below(...[method, path, ...rest]: Parameters<typeof ask>): ReturnType<typeof ask> {
  return ask(method, `/v2/${repository}/${path}`, ...rest);
}

/** To one of the uploads under way. */
export function toUpload(
  which: keyof Scene['upload'],
  method: string,
  query = '',
  options: Parameters<typeof ask>[3] = {},
): ReturnType<typeof ask> {
  return (scene) => ask(method, `${scene.upload[which]}${query}`, 'writer', options)(scene);
}

/**
 * Sends every row on a raw connection and sees to it that nothing else happens: the connection (or a new one, where the
 * row ends it) still works, nothing is stored, no memory stays behind, and nothing is answered with 5xx.
 */
export function refuses(rows: readonly Row[], more: (scene: () => Scene) => void = () => undefined): void {
  let scene: Scene;
  let connection: RawConnection | undefined;
  beforeAll(async () => {
    scene = await setScene();
  });
  afterAll(async () => {
    connection?.close();
    await scene.berth.stop();
  });
  const connected = async () => {
    if (!connection?.open) connection = await RawConnection.open(scene.berth.url);
    return connection;
  };
  const play = async (row: Row): Promise<RawAnswer | undefined> => {
    const on = await connected();
    const sent = row.send(scene);
    on.write(sent);
    const answer = await on.answer(sent.toString('latin1').startsWith('HEAD '));
    if (row.closes) await on.ended();
    if (row.opens) await cancel(scene, answer);
    return answer;
  };

  describe('is refused, and leaves nothing behind', () => {
    test.each(rows.map((row) => [row.id, row.what, row] as const))('%s %s', async (_id, _what, row) => {
      const before = await stored(scene.berth);
      expectAnswer(row, await play(row));
      const on = await connected();
      on.write(ask('GET', '/v2/', 'writer')(scene));
      expect((await on.answer())?.status).toBe(200);
      expect(await stored(scene.berth)).toEqual(before);
    });

    test('however often it is sent', async () => {
      const before = await residentBytes(scene.berth);
      for (let round = 0; round < 10; round++) for (const row of rows) await play(row);
      expect((await residentBytes(scene.berth)) - before).toBeLessThan(48 * 1024 * 1024);
      expect(scene.berth.output()).not.toMatch(/"status":5\d\d|"level":"(error|fatal)"/);
    });
  });
  more(() => scene);
}

function expectAnswer({ status, code, headers = {} }: Row, answer: RawAnswer | undefined): void {
  const allowed = [status].flat();
  expect({ answered: answer?.status, allowed, body: answer?.body }).toMatchObject({
    answered: allowed.find((one) => one === answer?.status) ?? allowed[0],
  });
  if (answer === undefined) return;
  if (code !== undefined) {
    expect(JSON.parse(answer.body).errors).toEqual([expect.objectContaining({ code, message: expect.any(String) })]);
    expect(answer.headers.get('content-type')).toEqual(['application/json']);
    expect(answer.headers.get('x-content-type-options')).toEqual(['nosniff']);
  }
  for (const [name, pattern] of Object.entries(headers)) {
    expect([name, answer.headers.get(name)]).toEqual([name, [expect.stringMatching(pattern)]]);
  }
  expect(answer.body).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules|SQLITE/);
}

async function setScene(): Promise<Scene> {
  // The mirror writes files of its own, later.
  const berth = await startBerth({ env: { BERTH_LAYOUT_MIRROR: 'false' } });
  const credentials = {
    writer: await addUser(berth, 'writer', { 'acme/*': ['push', 'delete'] }),
    reader: await addUser(berth, 'reader', { 'acme/*': ['pull'] }),
    other: await addUser(berth, 'other', { 'acme/*': ['push'] }),
  };
  const writer = await RegistryClient.open(berth.url, credentials.writer);
  await writer.push(repository, 'latest', image);
  const empty = (await writer.startUpload(repository)).location;
  const ten = (await writer.startUpload(repository)).location;
  await writer.append(repository, ten, Buffer.alloc(10));
  const token = async (who: Credentials, actions: string) => {
    const scopes = [repository, 'acme/x/manifests', 'acme/none', 'acme/other'].map(
      (name) => `repository:${name}:${actions}`,
    );
    return `Bearer ${await berth.token(who.username, who.password, ...scopes, 'registry:catalog:*')}`;
  };
  const as = {
    nobody: '',
    writer: await token(credentials.writer, 'pull,push,delete'),
    pusher: await token(credentials.writer, 'pull,push'),
    reader: await token(credentials.reader, 'pull,push,delete'),
    readerByPassword: basic(credentials.reader.username, credentials.reader.password),
    other: await token(credentials.other, 'pull,push'),
  };
  return { berth, writer, credentials, as, upload: { empty, ten } };
}

async function cancel({ writer }: Scene, answer: RawAnswer | undefined): Promise<void> {
  const path = String(answer?.headers.get('location')?.[0]).slice(`/v2/${repository}/`.length);
  expect((await writer.request(repository, path, { method: 'DELETE' })).status).toBe(204);
}

/** How many rows and files there are of what a client can make. */
async function stored({ dataDir }: Berth): Promise<Record<string, number>> {
  const database = new Sqlite(join(dataDir, 'berth.db'), { readonly: true });
  const tables = ['repositories', 'manifests', 'tags', 'blobs', 'blob_links', 'uploads'];
  const rows = tables.map((table) => [table, database.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()]);
  database.close();
  const files = ['docker', 'uploads'].map(async (folder) => {
    const entries = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true });
    return [`${folder}/`, entries.filter((entry) => entry.isFile()).length];
  });
  return Object.fromEntries([...rows, ...(await Promise.all(files))]);
}

async function residentBytes({ pid }: Berth): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
