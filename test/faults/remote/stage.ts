import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { clock } from '../../../src/async/clock.js';
import { digestOf } from '../../../src/oci/digest.js';
import { MediaTypes } from '../../../src/oci/media-type.js';
import { parseReference } from '../../../src/oci/reference.js';
import { parseRepositoryName } from '../../../src/oci/repository-name.js';
import type { RemoteSettings } from '../../../src/registry/remote/exchange.js';
import type { RemoteLimits } from '../../../src/registry/remote/limits.js';
import { RemoteRegistry } from '../../../src/registry/remote/remote-registry.js';
import { type Behaviour, sendWhole, startFaultyRegistry } from '../../support/faulty-registry.js';
import { basic } from '../../support/http.js';
import { outcomeOf } from '../../support/outcome.js';

export const app = parseRepositoryName('team/app');
export const blob = Buffer.alloc(3_000_000, 'What came is what was asked for. ');
export const digest = digestOf(blob);
export const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaTypes.ociManifest }));
export const v1 = { repository: app, reference: parseReference('v1') };
export const credentials = { username: 'mirror', password: 'the secret of the mirror' };
export const signedIn = basic(credentials.username, credentials.password);
export const manifestType = { 'Content-Type': MediaTypes.ociManifest };
/** Short where a spec has to wait them out; far from what a busy machine takes where not. */
export const limits: Partial<RemoteLimits> = { attempts: 3, idleMs: 20_000, pages: 50 };
export const hasty: Partial<RemoteLimits> = { attempts: 2, idleMs: 100 };

/** The registry that is asked, and another server. */
export const stub = await startFaultyRegistry();
export const elsewhere = await startFaultyRegistry();
/** Milliseconds that would have been waited. */
export const pauses: number[] = [];
/** Clients of the spec that runs; they end with it. */
const open: RemoteRegistry[] = [];
const { steady } = clock;
let ahead = 0;

beforeEach(() => {
  [open.length, pauses.length, ahead] = [0, 0, 0];
  clock.steady = () => steady() + ahead;
  elsewhere.behave((_request, response) => response.writeHead(404).end());
});
afterEach(() => {
  clock.steady = steady;
  for (const registry of open) registry.close();
});
afterAll(async () => {
  await stub.stop();
  await elsewhere.stop();
});

export function willEnd(registry: RemoteRegistry): RemoteRegistry {
  open.push(registry);
  return registry;
}

/** A client that does not wait between two tries, but notes how long it would. */
export function client(
  settings: Partial<RemoteSettings> = {},
  limited: Partial<RemoteLimits> = limits,
): RemoteRegistry {
  const registry = new RemoteRegistry(
    { url: stub.url, allowedAddresses: [stub.host, elsewhere.host], ...settings },
    limited,
    {
      random: () => 0.5,
      pause: async (ms, signal) => {
        signal.throwIfAborted();
        pauses.push(ms);
        ahead += ms;
      },
    },
  );
  return willEnd(registry);
}

const source = async () => Readable.from([blob], { objectMode: false });
export const write = (registry: RemoteRegistry) => registry.writeBlob(app, { digest, size: blob.length }, source);
/** How many bytes came, and what became of it. Fails when whole content came that is not the blob. */
export async function read(registry: RemoteRegistry): Promise<string> {
  const pieces: Buffer[] = [];
  const outcome = await outcomeOf(
    (async () => {
      for await (const piece of await registry.readBlob(app, digest)) pieces.push(piece);
    })(),
  );
  const bytes = Buffer.concat(pieces);
  expect(bytes.equals(blob)).toBe(outcome === 'done');
  if (outcome !== 'done') expect(bytes.length).toBeLessThan(blob.length);
  return outcome;
}

export const hang: Behaviour = () => undefined;
export const sendBlob = (response: ServerResponse) => sendWhole(response, blob);
/** What a server that knows ranges sends. */
export const sendPart = (response: ServerResponse, from: number, bytes = blob) =>
  sendWhole(
    response,
    bytes.subarray(from),
    { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` },
    206,
  );
export const firstOf = (range: string | undefined) => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
