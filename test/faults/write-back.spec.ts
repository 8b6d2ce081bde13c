import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Berth, startBerth } from '../support/berth.js';
import { content, MiB, randomBytesOf, sha256 } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { spooledBytes } from '../support/spool.js';
import { parseTrace, type TracedCall, traced } from '../support/strace.js';
import { requireTool } from '../support/tools.js';

const repository = 'slow/disk';
const uploads = 4;
const size = 96 * MiB;
/** Bytes that one upload hands on at a time at most. */
const handedOn = 4 * MiB;

requireTool('strace')('a disk that is slower than what comes', () => {
  let berth: Berth;
  let client: RegistryClient;
  let directory: string;
  beforeAll(async () => {
    berth = await startBerth();
    client = await RegistryClient.open(berth.url, berth.admin);
    directory = await mkdtemp(join(tmpdir(), 'berth-trace-'));
  });
  afterAll(async () => {
    await berth.stop();
    await rm(directory, { recursive: true });
  });

  it('gets it while it comes, and the kernel never holds more than a little that is not on the disk', async () => {
    const output = join(directory, 'trace.txt');
    const slow = ['-e', 'trace=pwrite64,fdatasync', '-e', 'inject=fdatasync:delay_enter=200000'];
    await traced(berth.pid, ['-y', '-s', '0', '-o', output, ...slow], () =>
      Promise.all(
        Array.from({ length: uploads }, (_, n) =>
          client.pushBlob(repository, content('application/octet-stream', randomBytesOf(`slow ${n}`, size))),
        ),
      ),
    );
    const { most, mostOfOne, syncs } = unsyncedOf(parseTrace(await readFile(output, 'utf8')));
    expect(mostOfOne).toBeGreaterThan(16 * MiB); // the writer goes on while the disk syncs
    expect(mostOfOne).toBeLessThanOrEqual(64 * MiB + handedOn);
    expect(most).toBeLessThanOrEqual(128 * MiB + uploads * handedOn);
    expect(syncs).toBeGreaterThanOrEqual(uploads * (size / (32 * MiB)));
  });
});

requireTool('strace')('an upload whose process was killed in the middle of a write', () => {
  it('is on the disk before the next process says how much of it is there', async () => {
    const berth = await startBerth();
    const directory = await mkdtemp(join(tmpdir(), 'berth-trace-'));
    try {
      const client = await RegistryClient.open(berth.url, berth.admin);
      const [first, second] = [randomBytesOf('kept', MiB), randomBytesOf('on its way', 3 * MiB)];
      const { location } = await client.startUpload(repository);
      expect((await client.append(repository, location, first)).status).toBe(202);
      const body = new PassThrough();
      const cut = client.append(repository, location, body).catch(() => undefined);
      body.write(second);
      await until('more is written', async () => (await spooledBytes(berth.dataDir)) > MiB);
      await berth.kill();
      body.destroy();
      await cut;
      await berth.restart();
      const written = Buffer.concat([first, second]).subarray(0, await spooledBytes(berth.dataDir));

      const output = join(directory, 'trace.txt');
      await traced(berth.pid, ['-y', '-s', '99', '-o', output, '-e', 'trace=fdatasync,write,writev'], async () => {
        const { headers } = await client.uploadStatus(repository, location);
        expect(headers.range).toBe(`0-${written.length - 1}`);
      });
      const calls = parseTrace(await readFile(output, 'utf8'));
      const synced = calls.findIndex(
        ({ name, parameters }) => name === 'fdatasync' && parameters.includes('/uploads/'),
      );
      const answered = calls.findIndex(({ parameters }) => parameters.includes('HTTP/1.1 204'));
      expect(answered).toBeGreaterThan(-1);
      expect([synced > -1, synced < answered]).toEqual([true, true]);
      expect((await client.finishUpload(repository, location, sha256(written))).status).toBe(201);
    } finally {
      await berth.stop();
      await rm(directory, { recursive: true });
    }
  });
});

/** Bytes written to uploads that no sync was over for: of all together and of one, at their highest. */
function unsyncedOf(trace: readonly TracedCall[]) {
  const files = new Map<string, TracedCall[]>();
  const calls = trace.filter(({ parameters }) => parameters.includes('/uploads/'));
  let [most, mostOfOne, syncs] = [0, 0, 0];
  const unsynced = new Map<string, number>();
  for (const call of calls) {
    const file = /<([^>]*)>/.exec(call.parameters)?.[1] ?? '';
    const written = files.get(file) ?? [];
    files.set(file, written);
    if (call.name === 'fdatasync') {
      syncs++;
      const left = written.filter(({ ended }) => ended > call.began);
      files.set(file, left);
      unsynced.set(file, sum(left));
    } else {
      written.push(call);
      unsynced.set(file, (unsynced.get(file) ?? 0) + Number(call.result));
    }
    mostOfOne = Math.max(mostOfOne, unsynced.get(file) ?? 0);
    most = Math.max(
      most,
      [...unsynced.values()].reduce((all, bytes) => all + bytes, 0),
    );
  }
  return { most, mostOfOne, syncs };
}

const sum = (calls: readonly TracedCall[]) => calls.reduce((all, { result }) => all + Number(result), 0);
