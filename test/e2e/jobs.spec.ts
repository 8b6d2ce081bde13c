import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { send } from '../support/http.js';
import { plantBlob } from '../support/planted-blobs.js';
import { until } from '../support/ports.js';

let server: Berth;
let authorization: string;
const rotten = '00'.padEnd(64, 'a');
const here = (...args: string[]) => berth([...args, '--data-dir', server.dataDir]);
const run = async (kind: string) => (await server.api('POST', '/api/v1/jobs', { kind })).body;
const job = async (id: number) => (await server.api('GET', `/api/v1/jobs/${id}`)).body;
const isIn = (id: number, state: string) =>
  until(`job ${id} ${state}`, async () => (await job(id)).state === state, 60_000);
const events = async (id: number, query = '') => {
  const { headers, body } = await send(server.url, `/api/v1/jobs/${id}/events${query}`, { headers: { authorization } });
  const written = body.toString().split('\n\n').slice(0, -1);
  const all = written.map((event) => ({
    event: /^event: (\w+)$/m.exec(event)?.[1],
    data: JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? ''),
  }));
  return { type: headers['content-type'], all };
};

beforeAll(async () => {
  server = await startBerth({ env: { BERTH_SCRUB_INTERVAL: 'off' } });
  authorization = `Bearer ${await server.signIn('admin', server.admin.password)}`;
  // The first is read at once and is damaged; reading the others takes longer than the specs.
  await plantBlob(server.dataDir, rotten, 10);
  for (const prefix of ['f0', 'f1', 'f2', 'f3']) await plantBlob(server.dataDir, prefix.padEnd(64, 'a'), 16 * 2 ** 30);
});
afterAll(() => server.stop());

test('a job is run, seen, followed and cancelled', async () => {
  const { id, ...added } = await run('blobs.scrub');
  expect(added).toMatchObject({ kind: 'blobs.scrub', startedBy: { kind: 'user', name: 'admin' }, attempt: 0 });
  expect(await server.api('POST', '/api/v1/jobs', { kind: 'blobs.scrub' })).toMatchObject({
    status: 200,
    body: { id },
  });
  const followed = events(id);
  await until('what is damaged is told', async () => (await job(id)).lines === 1, 60_000);
  const { items: running } = (await server.api('GET', '/api/v1/jobs?state=running')).body;
  expect(running).toMatchObject([{ id, progress: { total: 256 } }]);
  expect(await server.api('POST', `/api/v1/jobs/${id}/cancel`)).toMatchObject({ status: 202 });
  await isIn(id, 'cancelled');
  const { type, all } = await followed;
  expect(type).toMatch('text/event-stream');
  const line = { number: 1, level: 'error', about: `sha256:${rotten}`, text: expect.stringContaining('damaged') };
  expect(all.filter(({ event }) => event === 'line')).toMatchObject([{ data: line }]);
  expect(all.at(-1)).toMatchObject({ event: 'job', data: { id, state: 'cancelled' } });
  expect((await server.api('GET', `/api/v1/jobs/${id}/lines`)).body.items).toMatchObject([line]);
  expect((await events(id, '?behind=1')).all).toMatchObject([{ event: 'job' }]);
  const recorded = async () => (await server.api('GET', '/api/v1/audit?resource=job:blobs.scrub')).body.items;
  await until('both are recorded', async () => (await recorded()).length === 2);
  expect(await recorded()).toMatchObject([
    { action: 'job.cancel', reference: String(id) },
    { action: 'job.run', reference: String(id) },
  ]);
});

test.each([
  ['GET', '/api/v1/jobs/999999', undefined, 404],
  ['GET', '/api/v1/jobs/999999/events', undefined, 404],
  ['POST', '/api/v1/jobs/999999/cancel', undefined, 404],
  ['GET', '/api/v1/jobs/x', undefined, 400],
  ['GET', '/api/v1/jobs?state=gone', undefined, 400],
  ['POST', '/api/v1/jobs', { kind: 'no.such' }, 400],
  ['POST', '/api/v1/jobs', { kind: 'audit.retain' }, 400],
  ['POST', '/api/v1/jobs', { kind: 'uploads.sweep', payload: {} }, 400],
])('%s %s %j is refused and adds nothing', async (method, path, body, status) => {
  const before = (await server.api('GET', '/api/v1/jobs')).body;
  expect((await server.api(method, path, body)).status).toBe(status);
  expect((await server.api('GET', '/api/v1/jobs')).body).toEqual(before);
});

test('the command does the same', async () => {
  const done = await here('jobs', 'run', 'uploads.sweep', '--follow');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  const id = (await here('jobs', 'run', 'blobs.scrub', '--quiet')).stdout.trim();
  const followed = here('jobs', 'follow', id);
  await isIn(Number(id), 'running');
  expect(await here('jobs', 'cancel', id)).toMatchObject({ code: 0, stdout: `${id} is cancelled\n` });
  expect(await followed).toMatchObject({ code: 1, stderr: expect.stringContaining(`job ${id} is cancelled`) });
  expect((await here('jobs', 'list', '--kind', 'blobs.scrub', '--quiet')).stdout.split('\n')[0]).toBe(id);
  expect((await here('jobs', 'show', id)).stdout).toMatch(/state +cancelled/);
});

test('a stop does not wait for who follows, and what ran goes on after the start', async () => {
  const { id } = await run('blobs.scrub');
  await isIn(id, 'running');
  const followed = events(id);
  await until('followed', async () => (await job(id)).heartbeatAt !== null);
  await server.restart();
  expect((await followed).all.at(-1)).toMatchObject({ event: 'job', data: { id } });
  await isIn(id, 'running');
  expect(await job(id)).toMatchObject({ attempt: 1 });
  await server.api('POST', `/api/v1/jobs/${id}/cancel`);
  await isIn(id, 'cancelled');
});
